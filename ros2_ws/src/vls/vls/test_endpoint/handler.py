"""What the test endpoint does with one HTTP request."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from vls.test_endpoint.answers import answer_text
from vls.test_endpoint.behaviour import Behaviour, InvalidFaultError
from vls.test_endpoint.faults import MODEL, NOT_A_MODEL, Fault, model_names
from vls.test_endpoint.question import NoQuestionError, read_question, texts

if TYPE_CHECKING:
    from vls.test_endpoint.server import EndpointServer

MAXIMUM_BODY = 64 * 1024 * 1024
"""Larger requests are refused unread [bytes]."""
CHARACTERS_PER_TOKEN = 4
"""To give tokens a number: there is no tokenizer here."""

Document = dict[str, Any]


def completion(model: str, number: int, prompt: str, text: str, fault: Fault) -> Document:
    """A chat completion as OpenAI-compatible servers send it."""
    refused = fault is Fault.REFUSAL
    tokens = len(prompt) // CHARACTERS_PER_TOKEN, len(text) // CHARACTERS_PER_TOKEN
    return {
        'id': f'{number} ({NOT_A_MODEL})', 'object': 'chat.completion', 'created': 0,
        'model': f'{model} ({NOT_A_MODEL})',
        'choices': [{
            'index': 0,
            'finish_reason': 'length' if fault is Fault.TRUNCATED else 'stop',
            'message': {
                'role': 'assistant', 'content': None if refused else text,
                'refusal': 'I cannot help with that.' if refused else None,
            },
        }],
        'usage': {
            'prompt_tokens': tokens[0], 'completion_tokens': tokens[1],
            'total_tokens': sum(tokens),
        },
    }


class RequestHandler(BaseHTTPRequestHandler):
    """Answers one connection. For HTTP servers: `functools.partial(RequestHandler, endpoint)`.

    Args:
        endpoint: how to answer, and where to keep count.
        arguments: what the HTTP server knows of the connection.
    """

    protocol_version = 'HTTP/1.1'

    def __init__(self, endpoint: EndpointServer, *arguments: Any) -> None:
        self._endpoint = endpoint
        super().__init__(*arguments)  # answers already

    def do_GET(self) -> None:  # noqa: N802 (the name http.server calls)
        """Tells the models, or the fault in force."""
        if self.path == '/v1/models':
            self._send(200, {'object': 'list', 'data': [
                {'id': name, 'object': 'model', 'created': 0, 'owned_by': NOT_A_MODEL}
                for name in model_names()
            ]})
        elif self.path == '/fault':
            self._send(200, self._endpoint.state())
        else:
            self._fail(404, f'there is no {self.path}')

    def do_POST(self) -> None:  # noqa: N802
        """Answers a question, or changes the fault in force."""
        document = self._read()
        if document is None:
            return
        if self.path == '/fault':
            self._set_fault(document)
        elif self.path == '/v1/chat/completions':
            self._complete(document)
        else:
            self._fail(404, f'there is no {self.path}')

    def _read(self) -> object | None:
        stated = self.headers.get('Content-Length', '')
        length = int(stated) if stated.isdecimal() else 0
        if not 0 < length <= MAXIMUM_BODY:
            self.close_connection = True
            self._fail(400, 'a JSON document of reasonable length is needed')
            return None
        try:
            return json.loads(self.rfile.read(length))
        except ValueError as error:
            self._fail(400, f'no JSON: {error}')
            return None

    def _set_fault(self, document: object) -> None:
        try:
            self._endpoint.misbehave(Behaviour.from_document(document))
        except InvalidFaultError as error:
            self._fail(400, str(error))
            return
        self._endpoint.log(f'from now on: {self._endpoint.state()}')
        self._send(200, self._endpoint.state())

    def _complete(self, document: object) -> None:
        if not isinstance(document, dict) or not isinstance(document.get('messages'), list):
            self._fail(400, 'a chat completion needs messages')
            return
        model = str(document.get('model') or MODEL)
        behaviour = self._endpoint.next_behaviour(model)
        self._endpoint.log(f'request {self._endpoint.requests} for {model} ({NOT_A_MODEL}): '
                     f'fault {behaviour.fault}, {behaviour.fault.meaning}')
        self._answer(document, model, behaviour)

    def _answer(self, document: Document, model: str, behaviour: Behaviour) -> None:
        fault = behaviour.fault
        if fault is Fault.DROP:
            self.close_connection = True
        elif fault is Fault.SILENT:
            self._endpoint.closing.wait()
            self.close_connection = True
        elif fault is Fault.TOO_MANY_REQUESTS:
            self._fail(429, f'{NOT_A_MODEL}: too many requests, on command')
        elif fault is Fault.SERVER_ERROR:
            self._fail(500, f'{NOT_A_MODEL}: broken, on command')
        elif fault is Fault.SLOW and self._endpoint.closing.wait(behaviour.delay):
            self.close_connection = True
        else:
            self._send_completion(document, model, fault)

    def _send_completion(self, document: Document, model: str, fault: Fault) -> None:
        try:
            text = answer_text(read_question(document['messages']), fault)
        except NoQuestionError as error:
            self._fail(400, str(error))
            return
        prompt = '\n'.join(texts(document['messages']))
        self._send(200, completion(model, self._endpoint.requests, prompt, text, fault))

    def _fail(self, status: int, message: str) -> None:
        self._send(status, {'error': {'message': message, 'type': NOT_A_MODEL}})

    def _send(self, status: int, document: Document) -> None:
        body = json.dumps(document).encode()
        try:
            self.send_response(status)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the client has given up, as it may
            self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        """The endpoint has a log of its own."""
