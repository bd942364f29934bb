"""A workspace file of hundreds of megabytes goes over in bounded memory, and comes out byte for byte."""

import hashlib
import os
import subprocess
import urllib.request

from program import Case, main

MEGABYTE = 1 << 20
SANITIZED = bool(os.environ.get("TWINLAKE_SANITIZED"))
SIZE = (24 if SANITIZED else 310) * MEGABYTE
MOST_MEMORY = 150 * MEGABYTE


class Pieces:
    """A file that is made while it is sent: of no piece of it is there a second one."""

    def __init__(self):
        self.at, self.hash = 0, hashlib.sha256()

    def read(self, _size=-1):
        if self.at == SIZE:
            return b""
        piece = hashlib.sha256(self.at.to_bytes(8, "big")).digest() * (MEGABYTE // 32)
        self.at += len(piece)
        self.hash.update(piece)
        return piece


class LargeFile(Case):
    def test_it_is_streamed(self):
        content = Pieces()
        path = "/api/2.0/workspace-files/import-file/Shared/etl/big%20%26%20old.bin?overwrite=true"
        request = urllib.request.Request(self.primary.url + path, data=content, method="POST", headers={
            "Authorization": "Bearer " + self.primary.token, "Content-Type": "application/octet-stream",
            "Content-Length": str(SIZE)})
        with urllib.request.urlopen(request, timeout=120):
            pass
        process = subprocess.Popen(self.command("sync"), cwd=self.folder, env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        if not SANITIZED:
            self.assertLess(used.ru_maxrss * 1024, MOST_MEMORY)
        self.assertEqual(self.digest_on_the_secondary(), content.hash.hexdigest())
        self.assertEqual([name for name in os.listdir(self.state) if not name.startswith("default.")], [],
                         "no spool file is left behind")

    def digest_on_the_secondary(self):
        request = urllib.request.Request(
            self.secondary.url + "/api/2.0/workspace/export?direct_download=true&format=AUTO&path=/Shared/etl/big%20%26%20old.bin",
            headers={"Authorization": "Bearer " + self.secondary.token})
        digest = hashlib.sha256()
        with urllib.request.urlopen(request, timeout=120) as answer:
            while piece := answer.read(MEGABYTE):
                digest.update(piece)
        return digest.hexdigest()


if __name__ == "__main__":
    main()
