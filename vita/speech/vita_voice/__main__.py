"""``python -m vita.speech.vita_voice``: how fast VITA-1.5's voice is here, with the published sizes, random weights.

It prints real-time factors: seconds that passed for each second of sound; below 1 a conversation is possible. Beside
other work they are larger than on an idle machine; processor seconds, over all threads, tell then what it costs.
"""

from __future__ import annotations

import argparse

from vita.engine.engine_environment import let_threads_sleep


def main() -> None:
    """Print one line for each device."""
    parser = argparse.ArgumentParser(prog="python -m vita.speech.vita_voice", description=__doc__.splitlines()[0])
    parser.add_argument("--codes", type=int, default=160, help="codes of the clause that is timed, 40 a second")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves PyTorch's number")
    arguments = parser.parse_args()
    let_threads_sleep()
    import torch  # after its threads were told to be patient

    from vita.speech.vita_voice.voice_benchmark import measure_device

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        print(measure_device(device, arguments.codes))


if __name__ == "__main__":
    main()
