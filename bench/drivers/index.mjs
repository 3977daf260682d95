/** What is measured, and what it is measured against. */

const DRIVERS = {
  kvs: () => import('./kvs.mjs'),
  'kvs-upload': () => import('./kvs-upload.mjs'),
  'node-upload': () => import('./node-upload.mjs'),
  mediabunny: () => import('./mediabunny.mjs'),
  'webm-muxer': () => import('./webm-muxer.mjs'),
};

/** Those that are installed for the benchmark alone. */
const PEERS = ['mediabunny', 'webm-muxer'];

/** The module of a driver: `open(frames, options)` gives `run(count)`, which moves the next frames. */
export function findDriver(name) {
  return DRIVERS[name]();
}

/** Why the driver of a case cannot be used here; undefined when it can. */
export async function reasonToSkip({ driver }) {
  if (!PEERS.includes(driver)) return undefined;
  try {
    await findDriver(driver);
    return undefined;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return 'not installed: npm ci --prefix bench';
  }
}
