"""Where a checkpoint's speech decoder is: in its folder, or on the Hub. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from vita.errors import CheckpointError
from vita.model.checkpoint_files import INDEX, find_checkpoint_folder, read_json, weight_shards

SPEECH_FOLDER = "vita_tts_ckpt"
SPEECH_MARK = f"{SPEECH_FOLDER}/decoder/model.json"  # by which a checkpoint that can speak is known
PUBLISHED = ("vita-1.5",)  # names on the Hub, after the owner's, that are known to have one
SMALL_FILES = ["*.json", "*.txt", f"{SPEECH_FOLDER}/*/final.pt"]  # all but the language model's weights
TABLE = "embed_tokens.weight"


def require_speech(model: str) -> None:
    """Check, without a download, that the checkpoint ``model`` (a folder or a name on the Hub) has a speech decoder.

    A name on the Hub that nothing of was downloaded yet passes where it is known to have one.

    Raises:
        CheckpointError: it has none.
    """
    root = Path(model).expanduser()
    if model and root.is_dir():
        if not (speech_parent(find_checkpoint_folder(root)) / SPEECH_MARK).is_file():
            raise CheckpointError(
                f"The voice vita needs {SPEECH_FOLDER} in {root}, and it is not there: download VITA-1.5 with that "
                "folder, or choose another voice."
            )
    elif not (_is_cached(model) or model.rpartition("/")[2].lower() in PUBLISHED):
        raise CheckpointError(
            f"The voice vita belongs to checkpoints with {SPEECH_FOLDER}, such as VITA-1.5, and "
            f"{model or 'what is loaded'} has none; choose another voice."
        )


def fetch_speech(model: str) -> Path:
    """The folder of the checkpoint ``model`` with all that speaks, downloaded where it is not there yet.

    Of the language model's weights only the file with the embedding table is asked for.

    Raises:
        CheckpointError: it is not there and cannot be fetched.
    """
    root = Path(model).expanduser()
    if root.is_dir():
        return find_checkpoint_folder(root)
    try:
        folder = Path(snapshot_download(model, allow_patterns=SMALL_FILES))
        index = (folder / INDEX).is_file()
        tables = [shard.name for shard in table_shards(folder)] if index else ["*.safetensors"]
        return Path(snapshot_download(model, allow_patterns=tables))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise CheckpointError(f"The voice vita could not be fetched with {model} from the Hub: {error}") from error


def speech_parent(folder: Path) -> Path:
    """``folder`` or the one above it, whichever has the speech decoder: several checkpoints may share one."""
    return folder.parent if (folder.parent / SPEECH_MARK).is_file() else folder


def table_shards(folder: Path) -> list[Path]:
    """The file with the embedding table of the language model in ``folder`` by the index; without one all files."""
    if (folder / INDEX).is_file():
        return [folder / name for key, name in read_json(folder / INDEX)["weight_map"].items() if key.endswith(TABLE)]
    return weight_shards(folder)


def _is_cached(model: str) -> bool:
    try:
        return isinstance(try_to_load_from_cache(model, SPEECH_MARK), str)
    except HFValidationError:  # "nano", or a folder that is not there
        return False
