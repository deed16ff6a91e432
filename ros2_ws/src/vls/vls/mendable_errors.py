"""Errors that a user can mend: they end a command with one message and an exit code."""

from __future__ import annotations

from vls.client import RefusedError, StackUnreachableError
from vls.executables import MissingExecutableError
from vls.launch_arguments import LaunchArgumentError
from vls.node_table import UnknownNodeError
from vls.parameter_sections import ParameterFileError
from vls.recording import RecordingError
from vls.runner.stack import StackError
from vls.runner.supervisor_client import SupervisorUnreachableError
from vls.test_endpoint.errors import EndpointInUseError
from vls_core.eval.rows import RowsError
from vls_core.vlm.cache import CacheError

USAGE_ERRORS = (LaunchArgumentError, UnknownNodeError, ParameterFileError)
"""What was typed makes no sense: exit code 2."""
OTHER_ERRORS = (
    CacheError, EndpointInUseError, MissingExecutableError, RecordingError, RefusedError,
    RowsError, StackError, StackUnreachableError, SupervisorUnreachableError,
)
"""Exit code 1."""
