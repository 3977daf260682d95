/** Loads the addon of a package inside of an archive; see asar-fs.cjs. Argument: the package. */
import { createRequire } from 'node:module';
import { loadBinding } from '../../../ts/internal/binding.ts';

const [root] = process.argv.slice(2);
const binding = loadBinding(root);
const modules = Object.keys(createRequire(import.meta.url).cache);
const loaded = modules.find((name) => name.endsWith('.node'));
console.log(JSON.stringify({ loaded, allocated: binding.allocatedBytes() }));
