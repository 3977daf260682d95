/** The app: one instance, one window, one upload, which outlives the pages in the window. */
import { join } from 'node:path';
import { readConfig } from './config.js';
import { askSystem, permitMediaOnly } from './permissions.js';
import { PAGE_ORIGIN, registerScheme, servePage } from './page-protocol.js';
import { uploadHere, UploadProcess } from './upload-host.js';
import { openWindow } from './window.js';

/** An app that fails sooner than this (ms) after its start is not started again by itself. */
const RELAUNCH_AFTER = 10_000;

/**
 * Runs the kiosk.
 *
 * @param electron - what `import * as electron from 'electron'` gives
 */
export async function runKiosk(electron, { program = process, log = console } = {}) {
  const { app, protocol } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  relaunchOnFailure(app, program, log);
  registerScheme(protocol);
  await app.whenReady();
  try {
    await open(electron, program.env, log);
  } catch (error) {
    log.error(error.message);
    electron.dialog.showErrorBox('The kiosk cannot start', error.message);
    app.exit(1);
  }
}

async function open(electron, env, log) {
  const { app, session, powerSaveBlocker, protocol } = electron;
  const config = readConfig(env, join(app.getPath('userData'), 'kiosk.config.json'));
  powerSaveBlocker.start('prevent-display-sleep');
  servePage(protocol);
  permitMediaOnly(session.defaultSession, config);
  await askSystem(electron, config);

  const upload = await startUpload(electron, config, log, () => {
    provide(electron, upload, window);
  });
  const window = openWindow(electron, config, log);
  attachPages(electron, upload, window);
  app.on('second-instance', () => {
    window.show();
    window.focus();
  });
  app.on('window-all-closed', () => {
    app.quit();
  });
  stopBeforeQuit(app, upload);
}

function startUpload({ utilityProcess }, config, log, onRestart) {
  if (config.uploadIn === 'main') return uploadHere(config, log);
  return new UploadProcess({ utilityProcess, config, log, onRestart });
}

/** A page asks for its port each time that it is loaded; the upload goes on meanwhile. */
function attachPages(electron, upload, window) {
  electron.ipcMain.on('page-ready', ({ senderFrame }) => {
    const isOurs = senderFrame?.parent === null && senderFrame.url.startsWith(`${PAGE_ORIGIN}/`);
    if (isOurs) provide(electron, upload, window);
  });
}

/** Joins the page and the upload by a channel of their own. */
function provide({ MessageChannelMain }, upload, window) {
  if (window.isDestroyed()) return;
  const { port1, port2 } = new MessageChannelMain();
  upload.attach(port1);
  window.webContents.postMessage('upload-port', null, [port2]);
}

/** What is buffered is sent before the app ends; a second wish to quit does not wait for it. */
function stopBeforeQuit(app, upload) {
  let isStopping = false;
  app.on('before-quit', (event) => {
    if (isStopping) return;
    isStopping = true;
    event.preventDefault();
    void upload.stop().finally(() => {
      app.exit(0);
    });
  });
}

/** Nobody is there to start a kiosk again. */
function relaunchOnFailure(app, program, log) {
  const started = Date.now();
  program.on('uncaughtException', (error) => {
    log.error(error);
    if (Date.now() - started > RELAUNCH_AFTER) app.relaunch();
    app.exit(1);
  });
}
