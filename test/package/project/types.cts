// Compiled, never run, in a project that has the package installed: CommonJS gets the types too.
import producer = require('kinesis-video-producer');
import { openMedia, type MediaInput } from 'kinesis-video-producer/ingest';
import { startLocalKinesisVideo } from 'kinesis-video-producer/local';

export const client: producer.KinesisVideoClient = new producer.KinesisVideoClient();
export const media: Promise<MediaInput> = openMedia('clip.mp4');
export const endpoint: Promise<string> = startLocalKinesisVideo().then((local) => local.endpoint);
