/** What is measured, and what it is measured against. */

const DRIVERS = {
  kvs: { title: 'this producer', load: () => import('./kvs.mjs') },
  'kvs-upload': { title: 'this producer', load: () => import('./kvs-upload.mjs') },
  'node-upload': { title: 'a bare upload with Node.js', load: () => import('./node-upload.mjs') },
  mediabunny: { title: 'mediabunny', load: () => import('./mediabunny.mjs') },
  'webm-muxer': { title: 'webm-muxer', load: () => import('./webm-muxer.mjs') },
};

/** The module of a driver: `open(frames, options)` gives `run(count)`, which moves the next frames. */
export function findDriver(name) {
  return DRIVERS[name].load();
}

/** Why the driver of a case cannot be used here; undefined when it can. */
export async function reasonToSkip({ driver }) {
  try {
    await findDriver(driver);
    return undefined;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return 'not installed: npm ci --prefix bench';
  }
}
