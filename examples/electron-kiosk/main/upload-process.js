/** The utility process that uploads. Its parent sends the configuration, ports of pages, and the end. */
import { connect } from './kinesis.js';
import { createLogger } from 'kinesis-video-producer';
import { Uploader } from './uploader.js';

const log = createLogger();
let uploader;

process.parentPort.on('message', ({ data, ports: [port] }) => {
  if (data.type === 'start') uploader = start(data.config);
  if (data.type === 'page') void uploader.then((it) => it.attach(port));
  if (data.type === 'stop') void uploader.then((it) => it.stop()).then(() => process.exit(0));
});

async function start(config) {
  return new Uploader({ ...(await connect(config, log)), config, log });
}
