// @ts-check
// Types that several scripts share, for the type checker alone: nothing here runs.

/** @typedef {(key: string, values?: Record<string, unknown>) => string} Say  A sentence by its key, with values filled in. */
/** @typedef {{ [field: string]: any }} EventData  What an event carries; docs/realtime.md lists the fields of each type. */
/** @typedef {{ type: string, data?: EventData, [field: string]: any }} TalkEvent  An event of the protocol, or the page's own (`page.*`). */
/** @typedef {"server" | "page"} EventSource  Who sent an event. */
/** @typedef {{ t: number, from: EventSource, event: TalkEvent }} LogLine  A line of a log; `t` in seconds since the conversation began. */
/** @typedef {"began" | "played" | "dry" | "flowing" | "ended"} ReportKind */
/** @typedef {{ kind: ReportKind, item: string, samples: number }} PlayerReport  Samples at 24 kHz that were played of an item. */
/** @typedef {{ kind: "frame", mic: Int16Array, out: Int16Array, loudest: number }} SoundFrame  30 ms at 24 kHz of both sides. */
/** @typedef {{ kind: "push", item: string, pcm: Int16Array } | { kind: "end", item: string } | { kind: "cut", item: string | null }
 *   | { kind: "reset" } | { kind: "duck" | "mute", on: boolean }} WorkletCommand */
/** @typedef {{ name: string, instructions: string, temperature: number | null, longest: number | null, voice: string | null }} Persona
 *   Who VITA is; null where a visitor's own setting stays. */
/** @typedef {{ name: string, steps: SourceStep[] }} SourceExample  Files that are played in place of a microphone. */
/** @typedef {{ url: string, interrupts: boolean, shows: string | null }} SourceStep  One that interrupts waits
 *   until an answer is being heard; `shows` is the address of a clip that is seen meanwhile. */
/** @typedef {{ words: Record<string, string>, voices: string[], personas: Persona[], examples: SourceExample[] }} TalkConfig  What
 *   the server tells the page. */
/** @typedef {PlayerReport | SoundFrame | { kind: "context", state: AudioContextState } | { kind: "lost" }} SoundEvent */
/** @typedef {{ tokens: number, prompt: number }} PictureCost  Tokens of the pictures, and of the whole prompt. */
/**
 * A turn of the transcript, or a remark between turns.
 * @typedef {object} Turn
 * @property {string} id
 * @property {"user" | "vita" | "remark"} role
 * @property {number} version  counts the changes
 * @property {number} t  seconds
 * @property {string} text
 * @property {string[]} frames  names of the camera's pictures that went with it
 * @property {boolean} [voice]  spoken, not typed
 * @property {number} [begin]  ms of the sound sent
 * @property {number} [seconds]  of speech
 * @property {number} [from]  when its sound began in the recording, in seconds
 * @property {number} [until]  when an answer's sound ended
 * @property {PictureCost} [cost]
 * @property {boolean} [live]  still being generated
 * @property {boolean} [playing]
 * @property {boolean} [cut]  interrupted
 * @property {string} [heard]  what of the text was played
 * @property {string | null} [state]  the state token's name
 * @property {string} [engine]
 * @property {string} [status]
 * @property {string} [why]  of a remark
 * @property {string} [name]  of a remark's engine
 * @property {number} [count]  how often a remark was made
 */
/** @typedef {{ lane: string, kind: string, begin: number, end: number | null }} Span  Seconds; `end` is null while it lasts. */
/** @typedef {{ t: number, lane: string | number | null, kind: string }} Mark  A moment; a number is an engine whose name is not known yet. */
/** @typedef {{ id: number, wanted: string, repeat: boolean, since: number, seconds: number, looked: number, skipped: number, said: string,
 *   frame: string | null, shows: boolean, already: boolean, why: string | null }} Watch  What is watched for; `since` and `seconds`: when it
 *   began and how long it lasts at most; `said`, `frame`, `shows`: of the last look; `already`: it was there from the beginning; `why` it ended. */
/** @typedef {"decided" | "first_token" | "first_sound" | "played"} Stage */
/** @typedef {{ item: string, speech_end: number, cut?: number | null, underruns?: number } & { [stage in Stage]?: number | null }} Timing
 *   An answer's timing as the server reports it, in seconds. */

export {};
