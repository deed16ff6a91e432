"""Handlers of a worker that is never ready."""

import threading

threading.Event().wait()
