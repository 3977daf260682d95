/** A port of worker_threads with the interface of Electron's MessagePortMain. */

export const kPort = Symbol.for('kiosk test: port');

export function mainPort(port) {
  return {
    [kPort]: port,
    on(name, listener) {
      if (name === 'message') port.on('message', (data) => listener({ data, ports: [] }));
      else port.on(name, listener);
    },
    start() {
      port.start();
    },
    postMessage(message, transfer = []) {
      // As Electron: nothing but ports.
      if (transfer.some((item) => !item?.[kPort]))
        throw new TypeError('Invalid value for transfer');
      port.postMessage(
        message,
        transfer.map((item) => item[kPort]),
      );
    },
    close() {
      port.close();
    },
  };
}
