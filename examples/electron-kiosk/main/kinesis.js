/** The client for the service, or for an endpoint of the kiosk's own to try it without an account. */
import { KinesisVideoClient } from 'kinesis-video-producer';

const TRIAL = {
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  region: 'us-west-2',
};

/**
 * Makes the client.
 *
 * @returns the client, and `place`, which tells a person where media go
 */
export async function connect(config, log) {
  const { region, iotCertificate, credentialFile, spillDirectory } = config;
  const endpoint = config.isLocal ? await startLocal(config, log) : config.endpoint;
  const isNear =
    endpoint !== undefined && /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])/.test(endpoint);
  const client = new KinesisVideoClient({
    ...(isNear ? TRIAL : { region, iotCertificate, credentialFile }),
    endpoint,
    spillDirectory,
    logger: log,
  });
  return { client, place: endpoint ?? region };
}

async function startLocal({ streamName }, log) {
  const { startLocalKinesisVideo } = await import('kinesis-video-producer/local');
  const { endpoint } = await startLocalKinesisVideo();
  const copy = `npx kvs get --stream ${streamName} --endpoint ${endpoint} -o kiosk.mkv`;
  log.info(`No region is set: an endpoint runs at ${endpoint}. To see what it has: ${copy}`);
  return endpoint;
}
