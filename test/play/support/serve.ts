import { dialingAgents, Dialer } from '../../../ts/network/index.js';
import { PlayServer, ServiceSource } from '../../../ts/play/index.js';

interface Endpoint {
  readonly endpoint: string;
  readonly region: string;
}

/** A stream of a local endpoint. */
export function serviceSource(local: Endpoint, streamName: string): ServiceSource {
  const { endpoint, region } = local;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new ServiceSource(streamName, { region, endpoint, credentials });
}

/** The page for it, as `kvs play` serves it. */
export async function servePlay(local: Endpoint, streamName: string): Promise<PlayServer> {
  const { endpoint, region } = local;
  return PlayServer.start({
    config: { streamName, region, endpoint, hasProducer: false },
    source: serviceSource(local, streamName),
    port: 0,
    agents: dialingAgents(new Dialer(), 5000),
  });
}
