import { ElementId } from './elements.js';
import { MatroskaError } from './errors.js';
import { readString, readUnsignedBig } from './values.js';
import { children } from './walk.js';

/** A name with a value; either kind of value may be absent (RFC 9559 section 5.1.8.1.2). */
export interface SimpleTag {
  /** What the value is of. */
  name: string;
  /** The value as a text. */
  string?: string;
  /** The value as bytes. */
  binary?: Uint8Array;
  /** Tags about this tag. */
  children: SimpleTag[];
}

/** A Tag: what it is about, and the names and values it gives to that. */
export interface MatroskaTag {
  /** UIDs of tracks, editions, chapters and attachments; empty when the tag is about the Segment. */
  targetUids: bigint[];
  /** The names and values. */
  simpleTags: SimpleTag[];
}

const MAX_NESTING = 16;
const TARGET_UIDS: ReadonlySet<number> = new Set([
  ElementId.TagTrackUID,
  ElementId.TagEditionUID,
  ElementId.TagChapterUID,
  ElementId.TagAttachmentUID,
]);

/** Reads the content of a Tags element. Throws MatroskaError when it is invalid. */
export function readTags(content: Uint8Array): MatroskaTag[] {
  const tags: MatroskaTag[] = [];
  for (const { id, data } of children(content)) {
    if (id === ElementId.Tag) tags.push(readTag(data));
  }
  return tags;
}

function readTag(content: Uint8Array): MatroskaTag {
  const tag: MatroskaTag = { targetUids: [], simpleTags: [] };
  for (const { id, data } of children(content)) {
    if (id === ElementId.SimpleTag) tag.simpleTags.push(readSimpleTag(data, 1));
    else if (id === ElementId.Targets) readTargetUids(data, tag.targetUids);
  }
  return tag;
}

/** UID 0 stands for all tracks, which is the Segment (RFC 9559 section 5.1.8.1.1.3). */
function readTargetUids(content: Uint8Array, uids: bigint[]): void {
  for (const { id, data } of children(content)) {
    if (!TARGET_UIDS.has(id)) continue;
    const uid = readUnsignedBig(data);
    if (uid !== 0n) uids.push(uid);
  }
}

function readSimpleTag(content: Uint8Array, level: number): SimpleTag {
  if (level > MAX_NESTING) {
    throw new MatroskaError('TOO_DEEP', `SimpleTag is nested more than ${MAX_NESTING} levels deep`);
  }
  const tag: SimpleTag = { name: '', children: [] };
  for (const { id, data } of children(content)) {
    if (id === ElementId.TagName) tag.name = readString(data);
    else if (id === ElementId.TagString) tag.string = readString(data);
    else if (id === ElementId.TagBinary) tag.binary = data.slice();
    else if (id === ElementId.SimpleTag) tag.children.push(readSimpleTag(data, level + 1));
  }
  return tag;
}
