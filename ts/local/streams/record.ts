/** What is kept about a stream in the database. */
import { createHash, randomBytes } from 'node:crypto';
import type { Change, Database } from '../database.js';

/** The description of a stream. */
export interface StreamRecord {
  readonly streamName: string;
  readonly streamArn: string;
  /** Name of the folder with its media. */
  readonly folder: string;
  /** Milliseconds since the Unix epoch. */
  readonly creationTime: number;
  readonly kmsKeyId: string;
  deviceName?: string | undefined;
  mediaType?: string | undefined;
  storageTier: string;
  version: string;
  dataRetentionInHours: number;
  tags: Record<string, string>;
  notification?: NotificationConfiguration | undefined;
  imageGeneration?: ImageGenerationConfiguration | undefined;
  edge?: EdgeRecord | undefined;
  /** A fragment sequence that none in use exceeds. */
  reservedSequence: number;
}

/** Where the notifications of a stream go, in the form of the API. */
export interface NotificationConfiguration {
  readonly Status: 'ENABLED' | 'DISABLED';
  readonly DestinationConfig: { readonly Uri: string };
}

/** Which images are made of a stream, and where they go, in the form of the API. */
export interface ImageGenerationConfiguration {
  readonly Status: 'ENABLED' | 'DISABLED';
  readonly ImageSelectorType: 'PRODUCER_TIMESTAMP' | 'SERVER_TIMESTAMP';
  readonly DestinationConfig: { readonly Uri: string; readonly DestinationRegion: string };
  /** Milliseconds from one image to the next. */
  readonly SamplingInterval: number;
  readonly Format: 'JPEG' | 'PNG';
  readonly FormatConfig?: { readonly JPEGQuality?: string } | undefined;
  readonly WidthPixels?: number | undefined;
  readonly HeightPixels?: number | undefined;
}

/** What the agent at the edge shall do for a stream, and since when. */
export interface EdgeRecord {
  /** The EdgeConfig structure of the API. */
  readonly config: EdgeConfiguration;
  /** Milliseconds since the Unix epoch. */
  readonly creationTime: number;
  /** When the change began that is the last one, in milliseconds since the Unix epoch. */
  readonly changeTime: number;
  readonly change: 'update' | 'delete';
}

/** As much of an EdgeConfig structure as is looked at. */
export interface EdgeConfiguration {
  readonly HubDeviceArn: string;
}

const KEY_PREFIX = 'stream!';
const VERSION_LENGTH = 20;
const VERSION_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Longest name used as a folder name as it is; file systems allow 255 bytes. */
const MAX_PLAIN_NAME = 200;
const DIGEST_LENGTH = 32;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A new version text: opaque, and of the form the service uses. */
export function newVersion(): string {
  return Array.from(
    randomBytes(VERSION_LENGTH),
    (byte) => VERSION_ALPHABET[byte % VERSION_ALPHABET.length],
  ).join('');
}

/**
 * The folder name of a stream: its own name, unless that is one which a system hides, alters or
 * reserves, or is too long. `%` cannot be part of a stream's name.
 */
export function folderName(streamName: string): string {
  if (streamName.length > MAX_PLAIN_NAME) {
    const digest = createHash('sha256').update(streamName).digest('hex').slice(0, DIGEST_LENGTH);
    return `${folderName(streamName.slice(0, MAX_PLAIN_NAME))}%${digest}`;
  }
  const plain = streamName.replace(/^\.|\.$/g, '%2E');
  return WINDOWS_DEVICE.test(plain) ? `%${plain}` : plain;
}

/** Reads the records of all streams. */
export async function readRecords(database: Database): Promise<StreamRecord[]> {
  const records: StreamRecord[] = [];
  await database.read(KEY_PREFIX, (_name, record) => records.push(record as StreamRecord));
  return records;
}

/** The change that makes `record` the one of its stream. */
export function recordWrite(record: StreamRecord): Change {
  return { type: 'put', key: KEY_PREFIX + record.streamName, value: record };
}

/** The change after which there is no such stream. */
export function recordRemoval({ streamName }: StreamRecord): Change {
  return { type: 'del', key: KEY_PREFIX + streamName };
}
