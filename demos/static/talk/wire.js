// The connection: events out and in, and its return when it is lost. Knows no audio and no page.

const WAITS = [0.5, 1, 2, 4, 8]; // seconds before each further attempt; the last one for ever
const TRY_LATER = 1013;
const TAKEN_OVER = 4001;
const CONGESTED = 1 << 20; // bytes waiting to leave, beyond which sound is dropped rather than delayed

export class Wire {
  /** `tell.event(event)` hears the server; `tell.state(name, detail)`: connecting, open, lost, busy, moved. */
  constructor(address, tell) {
    this.address = address;
    this.tell = tell;
    this.session = null;
    this.attempts = 0;
    this.socket = null;
    this.timer = null;
  }

  connect() {
    clearTimeout(this.timer);
    const address = new URL(this.address);
    address.searchParams.set("vita_events", "1");
    if (this.session) address.searchParams.set("resume", this.session);
    this.tell.state("connecting", { attempt: this.attempts });
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }) => socket === this.socket && this._heard(JSON.parse(data));
    socket.onclose = (event) => socket === this.socket && this._lost(event);
  }

  /** Send an event; false where nobody would get it. */
  send(event) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    if (event.type === "input_audio_buffer.append" && this.socket.bufferedAmount > CONGESTED) return false;
    this.socket.send(JSON.stringify(event));
    return true;
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = this.session = null;
    socket?.close(1000);
  }

  _heard(event) {
    if (event.type === "session.created") {
      const again = this.session !== null;
      const resumed = this.session === event.session.id;
      this.session = event.session.id;
      this.attempts = 0;
      this.tell.state("open", { again, resumed });
    }
    this.tell.event(event);
  }

  _lost(event) {
    if (event.code === TAKEN_OVER) {
      this.session = null;
      this.tell.state("moved", {});
      return;
    }
    const wait = WAITS[Math.min(this.attempts++, WAITS.length - 1)];
    this.tell.state(event.code === TRY_LATER ? "busy" : "lost", { code: event.code, wait });
    this.timer = setTimeout(() => this.connect(), 1000 * wait);
  }
}
