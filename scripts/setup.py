"""Makes .venv, the whole stack without a ROS install, and .venv.judge; `make setup` runs it.

With --libero, .venv.libero is made too; it is large, and only the LIBERO-PRO benchmark needs it.

Every step leaves a stamp when it is complete, so that a second run has nothing to do, and an
interrupted one goes on where it was. Nothing is touched before all checks have passed. Only the
standard library is used, and the checks run on any Python 3 that can say so.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time

SUPPORTED = ((3, 11), (3, 12))
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, '.venv')
VENV_PYTHON = os.path.join(VENV, 'bin', 'python')
STAMP = os.path.join(VENV, 'vls-setup.json')
LOG = os.path.join(VENV, 'vls-setup.log')
BUILD_VENV = os.path.join(VENV, 'build-environment')
SOURCES = os.path.join(ROOT, 'ros2_ws', 'src')
INTERFACES = os.path.join(SOURCES, 'vls_interfaces')
HEARTBEAT_SECONDS = 10

# What the wheels load but do not bring along, and the Debian/Ubuntu packages that have it.
LIBRARIES = (
    ('libEGL.so.1', 'libegl1'),                     # MuJoCo renders the cameras without a display
    ('libGL.so.1', 'libgl1'),                       # OpenCV
    ('libglib-2.0.so.0', 'libglib2.0-0'),           # OpenCV
    ('libSM.so.6', 'libsm6'),                       # OpenCV
    ('libXext.so.6', 'libxext6'),                   # OpenCV
    ('libusb-1.0.so.0', 'libusb-1.0-0'),            # RealSense
    ('libudev.so.1', 'libudev1'),                   # RealSense
)
TOOLS = (
    ('g++', 'g++'),                                 # compiles the interfaces
    ('git', 'git'),                                 # results name the commit they were made with
)
RENDERER = 'libgl1-mesa-dri'


def main() -> int:
    """Checks, then does what the stamp says is still to be done. Returns the exit code."""
    if sys.version_info[:2] not in SUPPORTED:
        other = supported_python()
        if other is None:
            return refuse(
                'VLS needs CPython 3.11 or 3.12 and this is {}.{}: install one (for example `sudo '
                'apt install python3.11 python3.11-venv`), or name one: `make setup '
                'PYTHON=/path/to/python3.11`.'.format(*sys.version_info[:2])
            )
        os.execv(other, [other] + sys.argv)
    if '--missing-packages' in sys.argv[1:]:
        print(' '.join(missing_packages()))
        return 0
    problem = check_machine()
    if problem:
        return refuse(problem)
    started = time.time()
    stamp = read_stamp()
    if stamp.get('python') != python_identity() and os.path.exists(VENV) and stamp:
        print('the environment was made with another Python: making it anew', flush=True)
        shutil.rmtree(VENV)
        stamp = {}
    for name in ('judge', 'libero'):
        if not os.path.exists(side_python(name)):
            stamp.pop(name, None)
    steps = [
        ('python', python_identity(), make_environment),
        ('requirements', digest([in_root('requirements.lock')]), install_requirements),
        ('interfaces', interfaces_digest(), install_interfaces),
        ('packages', digest(package_files()), install_packages),
        ('judge', side_digest('judge'), make_judge),
    ]
    if '--libero' in sys.argv[1:]:
        steps.append(('libero', side_digest('libero'), make_libero))
    for name, wanted, action in steps:
        if stamp.get(name) == wanted:
            continue
        code = action()
        if code:
            return code
        stamp[name] = wanted
        write_stamp(stamp)
    print(f'set up in {time.time() - started:.0f} s: {VENV}')
    return 0


def refuse(sentence: str) -> int:
    """Says why not; returns the exit code."""
    print('setup: ' + sentence, file=sys.stderr)
    return 2


def supported_python() -> str | None:
    """Another interpreter of a supported version that really runs, or None."""
    for version in SUPPORTED:
        path = shutil.which('python{}.{}'.format(*version))
        if path is None:
            continue
        probe = [path, '-c', 'import sys, venv; print("%d.%d" % sys.version_info[:2])']
        result = subprocess.run(probe, capture_output=True)
        if result.stdout.decode().strip() == '{}.{}'.format(*version):
            return path
    return None


def check_machine() -> str | None:
    """One sentence about what is missing on this machine, or None."""
    if platform.system() != 'Linux' or platform.machine() != 'x86_64':
        return (
            'VLS needs Linux on an x86-64 processor (the ROS 2 wheels are made for nothing else) '
            f'and this is {platform.system()} on {platform.machine()}: use such a machine, or a '
            'ROS 2 install with colcon.'
        )
    if platform.python_implementation() != 'CPython':
        return f'VLS needs CPython and this is {platform.python_implementation()}.'
    missing = missing_packages()
    if missing:
        return 'system packages are missing; type: sudo apt install ' + ' '.join(missing)
    return None


def missing_packages() -> list[str]:
    """Names of the Debian packages that this machine lacks."""
    missing = [package for name, package in LIBRARIES if not loads(name)]
    missing += [package for name, package in TOOLS if shutil.which(name) is None]
    if not (shutil.which('ld') or 'g++' in missing):
        missing.append('binutils')
    if not has_renderer():
        missing.append(RENDERER)
    if not has_module('ensurepip'):
        missing.append('python{}.{}-venv'.format(*sys.version_info[:2]))
    if not os.path.exists(os.path.join(include_folder(), 'Python.h')):
        missing.append('python{}.{}-dev'.format(*sys.version_info[:2]))
    return missing


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_renderer() -> bool:
    """Whether EGL has a driver: Mesa renders on the processor, Nvidia brings its own."""
    folders = ('/usr/lib/x86_64-linux-gnu/dri', '/usr/lib64/dri', '/usr/lib/dri')
    drivers = ('swrast_dri.so', 'kms_swrast_dri.so', 'libdril_dri.so')
    mesa = any(os.path.exists(os.path.join(where, name)) for where in folders for name in drivers)
    return mesa or loads('libEGL_nvidia.so.0')


def has_module(name: str) -> bool:
    """Whether this Python has a module."""
    return importlib.util.find_spec(name) is not None


def include_folder() -> str:
    """Where Python.h should be."""
    return sysconfig.get_paths()['include']


def make_environment() -> int:
    """Makes .venv, or completes it."""
    os.makedirs(VENV, exist_ok=True)
    return run('making .venv', [sys.executable, '-m', 'venv', VENV])


def install_requirements() -> int:
    """Installs what requirements.lock names."""
    with open(in_root('requirements.lock')) as lock:
        count = sum(1 for line in lock if '==' in line)
    return run(
        f'installing {count} packages',
        # With dependencies: torch for graphics cards brings libraries that the lock cannot name.
        [VENV_PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar',
         'off', '-r', in_root('requirements.lock')],
    )


def install_interfaces() -> int:
    """Builds the wheel of the messages in a throwaway environment and installs it."""
    wheels = os.path.join(VENV, 'wheels')
    shutil.rmtree(wheels, ignore_errors=True)
    shutil.rmtree(BUILD_VENV, ignore_errors=True)
    build_python = os.path.join(BUILD_VENV, 'bin', 'python')
    environment = dict(os.environ, PATH=os.path.join(BUILD_VENV, 'bin') + ':' + os.environ['PATH'])
    # Both name another installation: the build would look for packages there.
    for name in ('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', '_ROS_WHEELS_BOOTSTRAP_COMPLETE'):
        environment.pop(name, None)
    pip = [build_python, '-m', 'pip', '--disable-pip-version-check']
    code = (
        run('making a build environment', [sys.executable, '-m', 'venv', BUILD_VENV])
        or run('installing build tools', pip + [
            'install', '--progress-bar', 'off', '--no-deps', '-r',
            in_root('requirements-build.lock'),
        ], environment)
        or run('building the interfaces', pip + [
            'wheel', '--no-deps', '--no-build-isolation', '-w', wheels, INTERFACES
        ], environment)
        or run('installing the interfaces', [
            VENV_PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps',
            '--no-index', '--force-reinstall', '--find-links', wheels, 'vls-interfaces'
        ])
    )
    shutil.rmtree(BUILD_VENV, ignore_errors=True)
    return code


def install_packages() -> int:
    """Installs the packages of this repository, editable."""
    command = [
        VENV_PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps',
        '--no-build-isolation', '--no-index',
    ]
    for folder in package_folders():
        command += ['-e', folder]
    return run('installing the packages of this repository', command)


def make_judge() -> int:
    """Makes the environment of the judge anew: it needs other versions than the stack does."""
    return make_side_environment('judge', ['--no-deps'])


def make_libero() -> int:
    """Makes the environment of LIBERO-PRO anew: it needs older versions than the stack does."""
    # With dependencies, for the same reason as the stack's own.
    return make_side_environment('libero', [])


def make_side_environment(name: str, options: list[str]) -> int:
    """Makes .venv.<name> anew with what requirements-<name>.lock names."""
    folder = in_root('.venv.' + name)
    shutil.rmtree(folder, ignore_errors=True)
    return (
        run('making .venv.' + name, [sys.executable, '-m', 'venv', folder])
        or run(f'installing what .venv.{name} needs', [
            side_python(name), '-m', 'pip', 'install', '--disable-pip-version-check',
            '--progress-bar', 'off', *options, '-r', in_root(f'requirements-{name}.lock'),
        ])
    )


def side_python(name: str) -> str:
    """The interpreter of .venv.<name>."""
    return in_root(os.path.join('.venv.' + name, 'bin', 'python'))


def run(what: str, command: list[str], environment: dict[str, str] | None = None) -> int:
    """Runs a command quietly, with a line now and then; shows its end if it fails."""
    with open(LOG, 'ab') as log:
        log.write('\n== {}\n'.format(' '.join(command)).encode())
        log.flush()
        start = log.tell()
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environment)
        try:
            code = wait(process, what)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if code:
        with open(LOG, 'rb') as log:
            log.seek(start)
            tail = log.read().decode(errors='replace').splitlines()[-25:]
        print('\n'.join(tail), file=sys.stderr)
        print(f'setup: {what} failed; the whole log is {LOG}', file=sys.stderr)
    return code


def wait(process: subprocess.Popen, what: str) -> int:
    """Waits for a process, with a line now and then. Returns its exit code."""
    began = time.time()
    print(f'{what} ...', flush=True)
    while True:
        try:
            return process.wait(timeout=HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            print(f'{what} ... {time.time() - began:.0f} s', flush=True)


def package_folders() -> list[str]:
    """The Python packages of the workspace."""
    names = sorted(os.listdir(SOURCES))
    return [
        os.path.join(SOURCES, name) for name in names
        if os.path.exists(os.path.join(SOURCES, name, 'setup.py'))
    ]


def package_files() -> list[str]:
    """What decides whether they have to be installed again."""
    return [os.path.join(folder, 'setup.py') for folder in package_folders()]


def interfaces_digest() -> str:
    """Of everything the interfaces wheel is built from."""
    files = [in_root('requirements-build.lock')]
    for folder, folders, names in os.walk(INTERFACES):
        folders[:] = sorted(name for name in folders if name not in ('build', '__pycache__'))
        files += [os.path.join(folder, name) for name in sorted(names)]
    return digest(files)


def side_digest(name: str) -> str:
    """Of everything that .venv.<name> depends on."""
    return digest([in_root(f'requirements-{name}.lock')]) + ' ' + python_identity()


def digest(files: list[str]) -> str:
    """SHA-256 of names and contents of files."""
    total = hashlib.sha256()
    for path in files:
        total.update(os.path.relpath(path, ROOT).encode())
        with open(path, 'rb') as content:
            total.update(hashlib.sha256(content.read()).digest())
    return total.hexdigest()


def python_identity() -> str:
    """Version, and place: environments cannot be moved."""
    return f'{sys.version_info[0]}.{sys.version_info[1]} {ROOT}'


def in_root(name: str) -> str:
    """Path of a file of the repository."""
    return os.path.join(ROOT, name)


def read_stamp() -> dict:
    """What is complete: digest by step."""
    try:
        with open(STAMP) as stamp:
            return json.load(stamp)
    except (OSError, ValueError):
        return {}


def write_stamp(stamp: dict) -> None:
    """Keeps what is complete."""
    temporary = STAMP + '.new'
    with open(temporary, 'w') as out:
        json.dump(stamp, out, indent=1)
    os.replace(temporary, STAMP)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print('\nsetup: interrupted; the next `make setup` goes on from here', file=sys.stderr)
        sys.exit(130)
