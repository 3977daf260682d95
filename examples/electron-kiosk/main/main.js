/** Where Electron begins. Everything else is given what it needs of Electron, so that it can be tested. */
import * as electron from 'electron';
import { runKiosk } from './kiosk.js';

void runKiosk(electron);
