"""`python -m tests.support.warm_server FD`: has imported the product, and forks a process of it for
each request that comes over this socket. See `warm_start`.

The children are those of a second fork, which waits for its child and reports its end, so that this
process waits for nothing but requests. The product forks in the same state: its workers are forks
of a process that has imported everything and started nothing.
"""

import json
import os
import runpy
import signal
import socket
import sys
import threading

import bootstrap.__main__  # noqa: F401 (imports all that a command needs)

REQUEST_BYTES = 1 << 20


def main(requests: socket.socket) -> None:
    """Returns only in a child, which has then become `synchub` with the arguments of a request, but
    for running it: so nothing of this process is left on its stack."""
    assert threading.active_count() == 1, "forking would lose the other threads"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; the tests end this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries those that wait
    while True:
        data, received, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 4)
        if not data:
            sys.exit(0)
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *streams, report = received
            if (pid := os.fork()) == 0:
                os.close(report)
                _become(json.loads(data), streams)
                return
            _wait_for(pid, streams, report)
        for received_fd in received:
            os.close(received_fd)


def _wait_for(pid: int, streams: list[int], report: int) -> None:
    """Report the id of a process, and its exit status once it has ended."""
    for number, stream in enumerate(streams):
        os.close(stream)
        os.close(number)  # whoever reads what the child writes waits for the end of all writers
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_IGN)
    os.write(report, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(request: dict[str, object], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, environment, arguments = (
        request["folder"],
        request["environment"],
        request["arguments"],
    )
    assert isinstance(folder, str)
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    del sys.modules["bootstrap.__main__"]  # else running it warns that it was imported before
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("bootstrap", run_name="__main__", alter_sys=True)
