"""What the card "Watch for" of the tab Talk says, in English."""

from __future__ import annotations

WATCH_ENGLISH: dict[str, str] = {
    "watch": "Watch for",
    "watch.what": "What to watch for",
    "watch.such": "a dog",
    "watch.start": "Watch",
    "watch.each": "Each time, not only once",
    "watch.info": "VITA looks at the camera once a second and speaks up when it sees it. "
    "You can also say it: “Tell me when you see a dog.”",
    "watch.for": "Watching for: {what}",
    "watch.each.for": "Watching each time for: {what}",
    "watch.looks": "{time} · looks: {looked}",
    "watch.skipped": " · skipped: {skipped}",
    "watch.said": "Last look: {said}",
    "watch.frame": "The picture that was looked at last",
    "watch.stop": "Stop",
    "watch.camera": "Camera on",
    "watch.dark": "The camera is off, so nothing is seen.",
    "watch.already": "It is there already. VITA tells you when it has gone and comes again.",
    "watch.seen": "Seen: {name}",
    "watch.ended.seen": "Seen: {what}. The watch is over.",
    "watch.ended.time": "The time is over, and it was not seen.",
    "watch.ended.over": "The time is over. The watch has ended.",
    "watch.ended.failed": "The model could not look at the pictures any more. Set the watch again.",
    "watch.refused.watch_people": "This model cannot recognise people yet. "
    "It can watch for animals and everyday things: a dog, a cup, a car.",
    "watch.refused.watch_unnamed": "This model has no name for that. "
    "It can watch for animals and everyday things: a dog, a cup, a car.",
    "watch.refused.watch_language": "This model understands English only: write what to watch for in English, "
    "such as: a dog.",
    "watch.refused.watch_empty": "Say what to watch for, such as: a dog.",
    "watch.refused.watch_long": "Say what to watch for in at most 200 letters.",
    "sign.seen": "seen",
}
