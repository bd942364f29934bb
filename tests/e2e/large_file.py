"""Files of hundreds of megabytes go over in bounded memory, and come out byte for byte, wherever they lie."""

import base64
import hashlib
import os
import subprocess
import urllib.request

from program import Case, main

MEGABYTE = 1 << 20
SANITIZED = bool(os.environ.get("TWINLAKE_SANITIZED"))
SIZE = (24 if SANITIZED else 310) * MEGABYTE
SIZE_OUTSIDE = (8 if SANITIZED else 200) * MEGABYTE
MOST_MEMORY = 150 * MEGABYTE


class Pieces:
    """A file that is made while it is sent: of no piece of it is there a second one."""

    def __init__(self, size=SIZE):
        self.size, self.at, self.hash = size, 0, hashlib.sha256()

    def read(self, _size=-1):
        if self.at == self.size:
            return b""
        piece = hashlib.sha256(self.at.to_bytes(8, "big")).digest() * (MEGABYTE // 32)
        self.at += len(piece)
        self.hash.update(piece)
        return piece


class LargeFile(Case):
    def send(self, method, path, content):
        request = urllib.request.Request(self.primary.url + path, data=content, method=method, headers={
            "Authorization": "Bearer " + self.primary.token, "Content-Type": "application/octet-stream",
            "Content-Length": str(content.size)})
        with urllib.request.urlopen(request, timeout=120):
            pass

    def digest_of(self, path):
        """Of what the secondary answers."""
        request = urllib.request.Request(self.secondary.url + path, headers={"Authorization": "Bearer " + self.secondary.token})
        digest = hashlib.sha256()
        with urllib.request.urlopen(request, timeout=120) as answer:
            while piece := answer.read(MEGABYTE):
                digest.update(piece)
        return digest.hexdigest()

    def sync_in_little_memory(self):
        process = subprocess.Popen(self.command("sync"), cwd=self.folder, env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        if not SANITIZED:
            self.assertLess(used.ru_maxrss * 1024, MOST_MEMORY)
        spooled = [name for name in os.listdir(self.state) if not name.startswith("default.") and not name.endswith(".lanes")]
        self.assertEqual(spooled, [],
                         "no spool file is left behind")

    def name_in_a_job(self, library):
        """Files outside the tree are found because somebody names them."""
        self.primary.call("POST", "/api/2.2/jobs/create", {"name": "names it", "tasks": [
            {"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"}, "libraries": [library]}]})

    def test_in_the_workspace(self):
        content = Pieces()
        self.send("POST", "/api/2.0/workspace-files/import-file/Shared/etl/big%20%26%20old.bin?overwrite=true", content)
        self.sync_in_little_memory()
        place = "/api/2.0/workspace/export?direct_download=true&format=AUTO&path=/Shared/etl/big%20%26%20old.bin"
        self.assertEqual(self.digest_of(place), content.hash.hexdigest())

    def test_in_a_volume(self):
        content, path = Pieces(SIZE_OUTSIDE), "/Volumes/main/raw/files/large.whl"
        for region in (self.primary, self.secondary):
            region.call("POST", "/sim/volumes", {"full_name": "main.raw.files"})
        self.send("PUT", "/api/2.0/fs/files" + path + "?overwrite=true", content)
        self.name_in_a_job({"whl": path})
        self.sync_in_little_memory()
        self.assertEqual(self.digest_of("/api/2.0/fs/files" + path), content.hash.hexdigest())

    def test_on_dbfs(self):
        content, path = Pieces(SIZE_OUTSIDE), "/elsewhere/large.jar"
        handle = self.primary.call("POST", "/api/2.0/dbfs/create", {"path": path})["handle"]
        while piece := content.read():
            self.primary.call("POST", "/api/2.0/dbfs/add-block", {"handle": handle, "data": base64.b64encode(piece).decode()})
        self.primary.call("POST", "/api/2.0/dbfs/close", {"handle": handle})
        self.name_in_a_job({"jar": "dbfs:" + path})
        self.sync_in_little_memory()
        digest, at = hashlib.sha256(), 0
        while piece := base64.b64decode(self.secondary.call(
                "GET", f"/api/2.0/dbfs/read?path={path}&offset={at}&length={MEGABYTE}").get("data", "")):
            digest.update(piece)
            at += len(piece)
        self.assertEqual((at, digest.hexdigest()), (SIZE_OUTSIDE, content.hash.hexdigest()))


if __name__ == "__main__":
    main()
