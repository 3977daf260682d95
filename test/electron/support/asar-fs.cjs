/**
 * What Electron makes of `fs` as far as finding an addon needs it: an archive named by ASAR looks like
 * a folder. `process.dlopen` is left as it is, so that only a file of the system can be loaded.
 */
const fs = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const asar = require('@electron/asar');

const archive = process.env.ASAR;
Object.defineProperty(process.versions, 'electron', { value: '45.5.0' });

function inside(name) {
  const near = path.relative(archive, String(name));
  return near !== '' && !near.startsWith('..') ? near : undefined;
}

const { readdirSync, existsSync } = fs;

fs.readdirSync = (name, ...others) => {
  const near = inside(name);
  if (near === undefined) return readdirSync(name, ...others);
  const entry = asar.statFile(archive, near);
  if (entry?.files === undefined) throw new Error(`ENOENT, ${near} not found in ${archive}`);
  return Object.keys(entry.files);
};

fs.existsSync = (name) => {
  const near = inside(name);
  if (near === undefined) return existsSync(name);
  try {
    return asar.statFile(archive, near) !== undefined;
  } catch {
    return false;
  }
};

// ES modules that have imported these by name get the new ones, as in Electron.
require('node:module').syncBuiltinESMExports();
