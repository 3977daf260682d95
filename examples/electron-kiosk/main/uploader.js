/**
 * The upload: one stream, which lives on while pages come and go. It knows nothing of Electron but what
 * a message port is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AckLatency } from './ack-latency.js';
import { PageLink } from './page-link.js';
import { describe } from './upload-status.js';

const TRACK_IDS = { video: 1, audio: 2 };
/** Milliseconds between two reports to the page. */
const REPORT = 500;
/** Milliseconds until a stream that has failed for good is tried anew: somebody may have repaired it. */
const RETRY = 15_000;
/** Milliseconds for what is buffered to be stored, when the kiosk ends or its tracks change. */
const PATIENCE = 10_000;

export class Uploader {
  #client;
  #config;
  #place;
  #log;
  #retry;
  #latency = new AckLatency();
  #page;
  #stream;
  /** The tracks of the stream, as the page has announced them. */
  #tracks = '';
  /** One change of the stream after the other. */
  #changes = Promise.resolve();
  #closing = new AbortController();
  #missed = 0;
  #trouble;
  #timer;

  constructor({ client, config, place, log, report = REPORT, retry = RETRY }) {
    this.#client = client;
    this.#config = config;
    this.#place = place;
    this.#log = log;
    this.#retry = retry;
    this.#timer = setInterval(() => {
      this.#page?.sendStatus(this.status);
    }, report);
  }

  get status() {
    const { streamName } = this.#config;
    return describe({
      stream: this.#stream,
      latency: this.#latency.summary,
      streamName,
      place: this.#place,
      missed: this.#missed,
      trouble: this.#trouble,
    });
  }

  /** Takes the port of a page; a page that was there before is reloaded, or gone. */
  attach(port) {
    this.#page?.close();
    const page = new PageLink(port, {
      onTracks: (tracks) => {
        this.#changes = this.#changes.then(() => this.#provide(page, tracks));
      },
      onChunk: (message) => {
        this.#put(message);
      },
      onClose: () => {
        if (this.#page === page) this.#page = undefined;
      },
    });
    this.#page = page;
    const { video, microphone } = this.#config;
    page.sendSettings({ video, microphone });
  }

  /** Sends what is buffered, and ends. */
  async stop() {
    clearInterval(this.#timer);
    this.#closing.abort();
    this.#page?.close();
    await this.#changes;
    await this.#stream?.stop({ timeout: PATIENCE }).catch(() => undefined);
    this.#client.destroy();
  }

  /** Sees to it that there is a stream with these tracks. Never rejects. */
  async #provide(page, tracks) {
    const wanted = JSON.stringify(tracks);
    if (wanted !== this.#tracks) {
      await this.#stream?.stop({ timeout: PATIENCE }).catch(() => undefined);
      this.#stream = undefined;
    }
    while (this.#stream === undefined && !this.#closing.signal.aborted) {
      try {
        this.#stream = await this.#create(tracks);
        this.#tracks = wanted;
      } catch (error) {
        await this.#waitAfter(error);
      }
    }
    if (this.#stream !== undefined && this.#page === page) page?.sendReady();
  }

  async #create(tracks) {
    const { streamName, retentionPeriod } = this.#config;
    const stream = await this.#client.createStream(
      {
        streamName,
        retentionPeriod,
        tracks: tracks.map(({ kind, ...track }) => ({ ...track, trackId: TRACK_IDS[kind] })),
        // A page that is loaded anew, and a clock that is set, must not end the upload.
        timestampPolicy: 'fix',
      },
      // A kiosk may start before its network does.
      { timeout: Infinity, signal: this.#closing.signal },
    );
    this.#trouble = undefined;
    stream.on('fragmentAck', ({ type, fragmentTimecode }) => {
      if (type === 'PERSISTED') this.#latency.persisted(fragmentTimecode, Date.now());
    });
    stream.on('error', (error) => {
      if (this.#stream !== stream) return;
      this.#changes = this.#changes.then(async () => {
        this.#stream = undefined;
        await this.#waitAfter(error);
        await this.#provide(this.#page, tracks);
      });
    });
    return stream;
  }

  async #waitAfter(error) {
    if (this.#closing.signal.aborted) return;
    this.#trouble = error.message;
    this.#log.error(error.message);
    await sleep(this.#retry, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  #put({ kind, chunk, description }) {
    if (this.#stream === undefined) {
      this.#missed += 1;
      return;
    }
    try {
      // The page gives microseconds since the epoch.
      const metadata = { decoderConfig: { description } };
      this.#stream.putChunk(chunk, { trackId: TRACK_IDS[kind], timeOrigin: 0, metadata });
    } catch (error) {
      this.#missed += 1;
      this.#trouble = error.message;
      return;
    }
    if (kind === 'video') {
      this.#latency.put(chunk.type === 'key', chunk.timestamp / 1000, Date.now());
    }
  }
}
