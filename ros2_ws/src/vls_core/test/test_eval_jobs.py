import importlib.util
import operator

import pytest

from vls_core.eval.jobs import RayMissingError, run_jobs


def test_every_job_is_done_once():
    results = []
    run_jobs(operator.neg, [1, 2, 3], 1, 'numbers', results.append)
    assert sorted(results) == [-3, -2, -1]


def test_an_error_in_a_job_ends_the_run():
    results = []
    with pytest.raises(TypeError):
        run_jobs(operator.neg, ['not a number', 1], 1, 'numbers', results.append)


def test_without_jobs_nothing_is_started():
    run_jobs(None, [], 0, 'nothing', None)


@pytest.mark.skipif(importlib.util.find_spec('ray') is not None, reason='Ray is installed')
def test_a_cluster_without_its_library_is_refused_with_what_to_install():
    with pytest.raises(RayMissingError, match='pip install ray'):
        run_jobs(operator.neg, [1], 1, 'numbers', print, ray_address='auto')
