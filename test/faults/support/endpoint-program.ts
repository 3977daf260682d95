/** Runs an endpoint with the options that the argument gives as JSON, and says where. */
import { startLocalKinesisVideo, type LocalKinesisVideoOptions } from '../../../ts/local/index.js';

const options = JSON.parse(process.argv[2] ?? '{}') as LocalKinesisVideoOptions;
const { endpoint } = await startLocalKinesisVideo(options);
process.stdout.write(`${endpoint}\n`);
