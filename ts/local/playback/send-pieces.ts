import type { OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange.js';

/** Bytes that are written at once: single frames would cost a packet each. */
const BATCH_BYTES = 256 * 1024;

/** Sends a successful response whose body is in pieces, no faster than the client takes it. */
export async function sendPieces(
  exchange: Exchange,
  headers: OutgoingHttpHeaders,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  exchange.begin({ ...headers, 'content-length': size });
  for (const batch of batches(pieces)) {
    if (exchange.closed.aborted) return;
    await exchange.write(batch);
  }
  exchange.end();
}

function* batches(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    batch.push(piece);
    size += piece.length;
    if (size < BATCH_BYTES) continue;
    yield Buffer.concat(batch, size);
    batch = [];
    size = 0;
  }
  yield Buffer.concat(batch, size);
}
