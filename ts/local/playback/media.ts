/** Reading stored fragments for packaging them anew. */
import {
  framesOf,
  readFragment,
  readFragmentHeader,
  trackSpan,
  type FragmentHeader,
  type MatroskaFragment,
  type MuxTrack,
} from '../../mux/index.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { FragmentStore } from '../fragments/store.js';

/**
 * Reads a fragment as a whole. Undefined when it has been removed meanwhile; throws MatroskaError
 * or MuxError when it cannot be understood.
 */
export async function loadFragment(
  fragments: FragmentStore,
  entry: FragmentEntry,
): Promise<MatroskaFragment | undefined> {
  const bytes = await loadBytes(fragments, entry, entry.size);
  return bytes && readFragment(bytes);
}

/** Reads what precedes the Cluster of a fragment, in the same way. */
export async function loadHeader(
  fragments: FragmentStore,
  entry: FragmentEntry,
): Promise<FragmentHeader | undefined> {
  const bytes = await loadBytes(fragments, entry, entry.clusterOffset);
  return bytes && readFragmentHeader(bytes);
}

/** Milliseconds from a fragment's own timestamp to the end of the last frame of one of its tracks. */
export function spanOf(track: MuxTrack, fragment: MatroskaFragment): number {
  return track.timescale.toMilliseconds(trackSpan(track, framesOf(fragment, track.id)));
}

/** The first `size` bytes of a fragment's file; undefined when the file is gone. */
async function loadBytes(
  fragments: FragmentStore,
  entry: FragmentEntry,
  size: number,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(size);
  const reader = fragments.read(entry);
  try {
    for (let at = 0; at < size;) {
      const piece = await reader.read(at, size);
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await reader.close();
  }
}
