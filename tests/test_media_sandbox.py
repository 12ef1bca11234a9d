"""Files made to harm the server: refused in a sentence, within the memory and the time that a decoder gets."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.media_files import clip, png_of_size, saved, written
from vita.errors import InputError, LimitError, MediaError
from vita.media import Limits, await_decoding, inspect_file, load_clip, load_picture, load_sound
from vita.media import decoder_pool as pool_module
from vita.media.decoder_pool import POOL, DecodeJob, DecoderPool
from vita.media.fair_slots import FairSlots
from vita.media.files import open_source

FAULTS = Path(__file__).parent / "media_faults"
CHILD_MIB, SERVER_MIB = 700, 200
LOADERS = {"image": load_picture, "animation": load_picture, "video": load_clip, "sound": load_sound}


def with_claimed_samples(count):
    """An MP4 of some kilobytes whose sample table claims ``count`` samples of one byte each."""
    data = bytearray(clip(frames=10))
    stsz, stts, stsc = (data.index(name) + 8 for name in (b"stsz", b"stts", b"stsc"))
    struct.pack_into(">II", data, stsz, 1, count)
    struct.pack_into(">II", data, stts, 1, count)
    struct.pack_into(">III", data, stsc, 1, 1, count)
    return bytes(data)


def icon_around(png):
    """An ICO file with one picture, said to be of 16 x 16."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(png), 22) + png


def growing_vp8():
    """An IVF file whose header and first frame are of 16 x 16, the later frames of 4K."""
    small, large = (clip(frames=2, size=size, codec="libvpx", container="ivf") for size in ((16, 16), (3840, 2160)))
    return small + large[32:]


def playlist_before_stream():
    """An HLS playlist that names a file of the server, with MPEG-TS behind it."""
    head = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    return head.ljust(188 * 4, b"\n") + (FAULTS / "ts.ts").read_bytes()


HOSTILE = {
    "80 million samples in 5 kB": lambda: with_claimed_samples(80_000_000),
    "an icon of 177 megapixels": lambda: icon_around(png_of_size(13_300, 13_300)),
    "16-bit grey of 50 megapixels": lambda: (FAULTS / "max_gray16.png").read_bytes(),
    "floats of 50 megapixels": lambda: saved(Image.new("F", (7000, 7000), 0.5), "TIFF", compression="tiff_lzw"),
    "transparent WebP of 50 megapixels": lambda: saved(Image.new("RGBA", (7000, 7000)), "WEBP", method=0),
    "palette of 50 megapixels with one clear colour": lambda: saved(Image.new("P", (7000, 7000)), transparency=0),
    "8 channels at 655 kHz": lambda: written(np.zeros((655_350 * 4, 8), np.int16), 655_350, "FLAC"),
    "8K video": lambda: (FAULTS / "k8_264.mp4").read_bytes(),
    "frames that grow": growing_vp8,
    "a playlist before a stream": playlist_before_stream,
    "a strip": lambda: (FAULTS / "thin_20000x1.png").read_bytes(),
}


def peak_of(function, *args):
    """What a call gives or raises, with the peak memory of the decoders it used and what this process grew by (MiB)."""
    POOL.peaks = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        result = function(*args)
    except InputError as e:
        result = e
    finally:
        peaks, POOL.peaks = POOL.peaks, None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return result, max(peaks) / 1024, grown / 1024


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_no_more_than_a_decoder_may(name):
    data = HOSTILE[name]()
    found, peak, _ = peak_of(inspect_file, data)
    assert peak <= CHILD_MIB
    for load in {LOADERS[found]} if isinstance(found, str) else {load_picture, load_clip, load_sound}:
        _, peak, grown = peak_of(load, data)
        assert peak <= CHILD_MIB
        assert grown <= SERVER_MIB


@pytest.mark.parametrize("name", ["80 million samples in 5 kB", "an icon of 177 megapixels"])
def test_a_file_that_claims_too_much_is_refused(name):
    for load in (load_picture, load_clip):
        with pytest.raises(InputError, match=r"make it smaller|can be read|damaged"):
            load(HOSTILE[name]())


def test_what_begins_as_text_is_never_opened():
    data = playlist_before_stream()
    for load in (inspect_file, load_picture, load_clip, load_sound):
        with pytest.raises(MediaError, match="can be read"):
            load(data)


def test_a_decode_without_end_is_ended():
    with pytest.raises(LimitError, match="takes too long to decode"):
        load_clip(FAULTS / "k8_264.mp4", Limits(decode_seconds=1), frames=32)
    assert load_picture(FAULTS / "rgb_trns.png")


@pytest.fixture
def pool_with(monkeypatch):
    """A pool of decoders that run some lines of Python before they serve."""
    pools = []

    def build(lines):
        before = f"import vita.media.decoder_jobs as jobs, os, signal, numpy\n{lines}\n"
        program = "import sys; sys.path.insert(0, sys.argv[1])\n" + before
        monkeypatch.setattr(
            pool_module, "_BOOT", program + "from vita.media.decoder_process import start_template; start_template()"
        )
        pools.append(DecoderPool())
        return pools[-1]

    yield build
    for pool in pools:
        pool.close_decoders()


def decode_with(pool, build=lambda answer: (dict(answer.facts), list(answer.arrays))):
    """Have ``pool`` decode a small picture."""
    with open_source(saved(Image.new("RGB", (8, 8))), 10_000, "image") as descriptor:
        return pool.decode_file(descriptor, DecodeJob("picture", "image", Limits(), 10_000), build)


@pytest.mark.parametrize(
    ("job", "says"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "too much memory"),
        ("bytearray(2**33)", "too much memory"),
        ("({}, [numpy.zeros(20_000, numpy.uint8)])", "damaged"),
        ("({'arrays': 'none'}, 7)", "damaged"),
        ("1 / 0", "damaged"),
    ],
    ids=["crash", "killed", "greedy", "more than allowed", "nonsense", "our fault"],
)
def test_a_decoder_that_fails_takes_nothing_along(job, says, pool_with):
    pool = pool_with(f"jobs.TASKS['picture'] = lambda *_: {job}")
    for _ in range(2):
        with pytest.raises(InputError, match=says):
            decode_with(pool)


def test_a_decoder_can_open_no_file_and_no_connection(pool_with):
    pool = pool_with(
        "import socket\n"
        "def attempt(act):\n"
        "    try:\n"
        "        return repr(act())\n"
        "    except OSError as e:\n"
        "        return e.strerror\n"
        "acts = (lambda: open('/etc/passwd'), socket.socket, os.pipe)\n"
        "jobs.TASKS['picture'] = lambda *_: ({'found': [attempt(act) for act in acts], 'names': list(os.environ)}, [])"
    )
    facts, _ = decode_with(pool)
    assert facts["found"] == ["Too many open files"] * 3
    assert set(facts["names"]) <= {"PATH", "LD_LIBRARY_PATH", "LC_ALL", *pool_module._ENVIRONMENT}


def test_the_decoders_start_again_when_they_were_killed():
    assert load_picture(FAULTS / "rgb_trns.png")
    os.kill(POOL._process.pid, signal.SIGKILL)
    assert load_picture(FAULTS / "rgb_trns.png").image.size == (320, 200)


SERVER = f"""
import threading, time
from vita.media import load_clip, load_picture
from vita.media.decoder_pool import POOL
POOL.start_decoders()
threading.Thread(target=load_clip, args=({str(FAULTS / "k8_264.mp4")!r},), daemon=True).start()
time.sleep(1)
print(POOL._process.pid, flush=True)
time.sleep(600)
"""


def running_below(pid):
    """The process and its descendants that still run."""
    found = [pid] if Path(f"/proc/{pid}/stat").exists() else []
    for child in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = child.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found += running_below(int(child.parent.name))
    return found


def test_the_decoders_end_with_a_server_that_is_killed():
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    with server:
        below = running_below(int(server.stdout.readline()))
        server.kill()
    assert len(below) >= 2  # the template and a decoder at work, at least
    deadline = time.monotonic() + 30
    while (left := [pid for pid in below if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_coroutines_wait_without_holding_up_the_loop():
    files = [FAULTS / name for name in ("rgb_trns.png", "ts.ts", "hs.aac", "card.heic", "vfr.mp4", "piped.flac")]
    kinds = await asyncio.gather(*(await_decoding(inspect_file, file) for file in files * 3))
    assert kinds == ["image", "video", "sound", "image", "video", "sound"] * 3


def test_slots_are_given_in_order_and_no_more_than_there_are():
    slots, order, inside, most = FairSlots(2), [], [], []
    entered = [threading.Event() for _ in range(6)]
    leave = threading.Event()

    def work(number):
        with slots.hold_slot(60):
            order.append(number)
            inside.append(number)
            most.append(len(inside))
            entered[number].set()
            leave.wait(60)
            inside.remove(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while number >= 2 and len(slots._waiting) < number - 1:
            time.sleep(0.001)
        if number < 2:
            assert entered[number].wait(60)
    leave.set()
    for thread in threads:
        thread.join()
    assert sorted(order) == list(range(6))
    assert order[:2] == [0, 1]
    assert max(most) <= 2


def test_who_waits_too_long_leaves_the_queue():
    slots = FairSlots(1)
    with slots.hold_slot(1):
        for _ in range(2):
            with pytest.raises(TimeoutError), slots.hold_slot(0.01):
                pytest.fail("there was no slot")
    with slots.hold_slot(0.01):
        pass
