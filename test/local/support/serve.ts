/** A program that runs an endpoint on the data folder it is given, and says where. */
import { startLocalKinesisVideo } from '../../../ts/local/index.js';

const { endpoint, region, dataDir } = await startLocalKinesisVideo({
  dataDir: process.argv[2] ?? '',
});
process.stdout.write(JSON.stringify({ endpoint, region, dataDir }));
