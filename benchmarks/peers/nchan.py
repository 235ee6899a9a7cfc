"""nchan, the publish/subscribe module of nginx, in C.

Settings, after its documentation: one worker for its one core; a message buffer of 64 per channel,
since the default of 10 would delay larger bursts, kept for 10 s; `TCP_NODELAY` at nginx's default;
no access log; worker connections for all sockets; no limit of requests per keep-alive connection.
Events can only be published from outside: one HTTP POST per event, pipelined on one connection.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import GROUP, envelope
from benchmarks.machine import first_line, free_port, pinned_process
from benchmarks.peer import Peer, PublishRequest, RunningPeer, group_paths, http_post

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

CONFIGURATION = """
load_module {module};
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_shared_memory_size 256m;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    location ~ ^/sub/(\\w+)$ {{
      nchan_subscriber websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
    }}
    location ~ ^/pub/(\\w+)$ {{
      nchan_publisher http;
      nchan_channel_id $1;
      nchan_message_buffer_length 64;
      nchan_message_timeout 10s;
    }}
  }}
}}
"""


class Nchan(Peer):
    """One nginx worker."""

    name = "nchan"

    def missing(self) -> str | None:
        """Check for nginx and the module."""
        if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None or not MODULE.exists():
            return "apt-get install nginx libnginx-mod-nchan"
        return None

    def version(self) -> str:
        """Versions of the module and of nginx."""
        package = first_line("dpkg-query", "--show", "libnginx-mod-nchan").partition("\t")[2]
        return f"{package}, {first_line('/usr/sbin/nginx', '-v')}"

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run nginx."""
        port = free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(module=MODULE, folder=folder, port=port))
        with pinned_process(["/usr/sbin/nginx", "-c", configuration], listens=[port]) as server:
            yield RunningPeer(
                processes=[server],
                ports=[port],
                paths=group_paths(groups, "/sub/g"),
                publish_port=port,
                request=_request,
            )


def _request(burst: int) -> PublishRequest:
    return http_post(f"/pub/g{GROUP}", envelope())
