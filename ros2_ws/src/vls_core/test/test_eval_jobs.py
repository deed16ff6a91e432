import importlib.util
import operator
import os
import select
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from vls_core.eval.jobs import RayError, run_jobs


def test_every_job_is_done_once():
    results = []
    run_jobs(operator.neg, [1, 2, 3], 1, 'numbers', results.append)
    assert sorted(results) == [-3, -2, -1]


def test_an_error_in_a_job_ends_the_run():
    results = []
    with pytest.raises(TypeError):
        run_jobs(operator.neg, ['not a number', 1], 1, 'numbers', results.append)


ENDLESS = """
import os, time
from vls_core.eval.jobs import run_jobs

def work(_):
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == '__main__':
    run_jobs(work, [0], 1, 'endless', print)
"""


def test_processes_end_with_the_one_that_started_them_even_if_that_is_killed(tmp_path):
    script = tmp_path / 'endless.py'
    script.write_text(ENDLESS)
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True,
                          env=environment) as parent:
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([worker], [], [], 60.0)
    if not ended:  # leave nothing behind, whatever is wrong
        signal.pidfd_send_signal(worker, signal.SIGKILL)
    os.close(worker)
    assert ended


def test_without_jobs_nothing_is_started():
    run_jobs(None, [], 0, 'nothing', None)


@pytest.mark.skipif(importlib.util.find_spec('ray') is not None, reason='Ray is installed')
def test_a_cluster_without_its_library_is_refused_with_what_to_install():
    with pytest.raises(RayError, match='pip install ray'):
        run_jobs(operator.neg, [1], 1, 'numbers', print, ray_address='auto')


@pytest.fixture
def ray(monkeypatch):
    """A library that notes what it is asked for; it does everything here and at once."""
    library = SimpleNamespace(
        init=lambda address, **options: library.asked.append((address, options)),
        remote=lambda work: SimpleNamespace(remote=work),
        wait=lambda waiting: (waiting[:1], waiting[1:]),
        get=lambda result: result,
        shutdown=lambda: library.asked.append('shut down'),
        asked=[],
    )
    monkeypatch.setitem(sys.modules, 'ray', library)
    return library


def test_a_cluster_does_the_jobs_and_renders_as_is_done_here(ray, monkeypatch):
    monkeypatch.setenv('MUJOCO_GL', 'osmesa')
    results = []
    run_jobs(operator.neg, [1, 2, 3], 1, 'numbers', results.append, ray_address='auto')
    assert sorted(results) == [-3, -2, -1]
    (address, options), end = ray.asked
    assert address == 'auto' and end == 'shut down'
    assert options['runtime_env']['env_vars']['MUJOCO_GL'] == 'osmesa'
    assert options['runtime_env']['env_vars']['OMP_NUM_THREADS'] == '1'


def test_a_cluster_that_is_not_there_is_refused_at_once(ray):
    with socket.create_server(('127.0.0.1', 0)) as server:
        address = f'127.0.0.1:{server.getsockname()[1]}'
    with pytest.raises(RayError, match=f'"{address}": start one'):
        run_jobs(operator.neg, [1], 1, 'numbers', print, ray_address=address)
    assert not ray.asked
