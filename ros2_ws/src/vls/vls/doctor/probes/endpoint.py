"""Asks an endpoint for its models: python -m ... BASE_URL KEY_VARIABLE SECONDS."""

from __future__ import annotations

import sys

from vls.doctor.probes.answer import say


def main(base_url: str, key_variable: str, seconds: float) -> None:
    """Says which there are, or why that is not known; never the key."""
    try:
        import openai
    except ImportError:
        say(missing='openai')
        return
    from vls_core.vlm.api_key import InvalidKeyError, sendable_key
    from vls_core.vlm.endpoint_failures import explain
    from vls_core.vlm.endpoint_settings import EndpointSettings, InvalidEndpointError

    try:
        EndpointSettings(base_url, model='any', api_key_variable=key_variable)
        key = sendable_key(key_variable)
    except InvalidEndpointError as error:
        say(
            reason=str(error), no_list=False,
            advice='give its root, as in --vlm-base-url http://127.0.0.1:8000/v1',
        )
        return
    except InvalidKeyError as error:
        say(
            reason=str(error), no_list=False,
            advice=f'put a valid key into the environment variable {key_variable}',
        )
        return
    try:
        with openai.OpenAI(
            base_url=base_url, api_key=key, timeout=seconds, max_retries=0
        ) as client:
            say(models=[model.id for model in client.models.list().data])
    except openai.NotFoundError:
        say(
            reason='it answers, but has no list of models (status 404)', no_list=True,
            advice='see that --vlm-base-url ends as the server wants it, often in /v1; some '
            'servers have no such list, then try a task',
        )
    except openai.APIError as error:
        reason, advice = explain(error, seconds, '', key_variable)
        say(reason=f'{base_url} {reason}', advice=advice, no_list=False)
    except (ValueError, TypeError, AttributeError):  # whatever that is, it is no list of models
        say(
            reason='what answers there does not speak the OpenAI protocol', no_list=False,
            advice='see that --vlm-base-url is the root of the API, often ending in /v1',
        )


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
