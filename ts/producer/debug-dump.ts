import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../logging/index.js';
import { warnProcess } from '../internal/process-warning.js';

/** Folder for copies of what is sent, under the name that other producers of the service have for it. */
const VARIABLE = 'KVS_DEBUG_DUMP_DATA_FILE_DIR';

/** A process is warned once: every connection would say the same. */
let isProcessWarned = false;

/**
 * Opens the file that gets a copy of what a session sends, `STREAM_PID_SESSION.mkv` in the folder that
 * KVS_DEBUG_DUMP_DATA_FILE_DIR names; undefined when it is not set, or the file cannot be made.
 */
export function openDump(
  streamName: string,
  sessionId: number,
  logger: Logger,
): DebugDump | undefined {
  const folder = process.env[VARIABLE];
  if (folder === undefined || folder === '') return undefined;
  const path = join(folder, `${streamName}_${process.pid}_${sessionId}.mkv`);
  try {
    return new DebugDump(path, openSync(path, 'w'), logger);
  } catch (error) {
    tell(logger, path, error);
    return undefined;
  }
}

/**
 * A copy of one session's bytes. It is written at once, since their memory is used again, and waits
 * for the disk: this is for finding faults. A file that cannot be written disturbs nothing else.
 */
export class DebugDump {
  readonly #path: string;
  readonly #logger: Logger;
  #file: number | undefined;

  constructor(path: string, file: number, logger: Logger) {
    this.#path = path;
    this.#file = file;
    this.#logger = logger;
  }

  /** Appends bytes. */
  write(chunk: Uint8Array): void {
    if (this.#file === undefined) return;
    try {
      for (let offset = 0; offset < chunk.length;) {
        offset += writeSync(this.#file, chunk, offset);
      }
    } catch (error) {
      tell(this.#logger, this.#path, error);
      this.close();
    }
  }

  /** Closes the file. Idempotent. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file);
    } catch (error) {
      tell(this.#logger, this.#path, error);
    }
  }
}

function tell(logger: Logger, path: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const advice = `let ${VARIABLE} name a folder that exists and can be written to`;
  const sentence = `The debug copy ${path} cannot be written (${reason}), and the upload goes on; ${advice}.`;
  if (logger.warn !== undefined) logger.warn({ path }, sentence);
  else if (!isProcessWarned) warnProcess(sentence, 'STATUS_WRITE_TO_FILE_FAILED');
  isProcessWarned ||= logger.warn === undefined;
}
