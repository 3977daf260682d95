/**
 * All that the page has of Electron: a message port to the upload, for each time that it is loaded. A
 * preload script in a sandbox has to be CommonJS.
 */
const { ipcRenderer } = require('electron');

ipcRenderer.on('upload-port', ({ ports }) => {
  // Ports cannot go through the context bridge.
  window.postMessage('upload-port', window.location.origin, ports);
});

// The scripts of the page, which are modules, have run by then, and listen.
window.addEventListener('DOMContentLoaded', () => {
  ipcRenderer.send('page-ready');
});
