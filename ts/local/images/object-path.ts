import { join } from 'node:path';

/** What the name of an image is made of (guide: "Amazon S3 object path (image)"). */
export interface ObjectName {
  /** `s3://bucket/prefix`. */
  readonly uri: string;
  /** What the fragment asks the name to begin with; '' for nothing. */
  readonly prefix: string;
  readonly streamArn: string;
  readonly streamName: string;
  /** Epoch milliseconds. */
  readonly timecode: number;
  readonly id: string;
  readonly extension: 'jpg' | 'png';
}

const SCHEME = 's3://';
const ACCOUNT_OF_ARN = 4;
/** What no file name has on every system. */
const FORBIDDEN = /[\p{Cc}<>:"|?*\\%]/gu;

/** Where in `directory` the object is: in a folder with the name of the bucket. */
export function objectPath(directory: string, name: ObjectName): string {
  const account = name.streamArn.split(':')[ACCOUNT_OF_ARN] ?? '';
  const parts = [account, name.streamName, String(name.timecode), name.id];
  const file = `${[...(name.prefix === '' ? [] : [name.prefix]), ...parts].join('_')}.${name.extension}`;
  const segments = `${name.uri.slice(SCHEME.length)}/${file}`.split('/').filter(Boolean);
  return join(directory, ...segments.map(safeName));
}

/** Keeps a part of a key from leaving the folder, and from being no name at all. */
function safeName(segment: string): string {
  const encoded = segment.replace(FORBIDDEN, percentEncoded);
  return /^\.+$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
