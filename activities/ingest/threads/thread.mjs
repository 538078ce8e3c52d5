// A thread starts from JavaScript: the loader of the sources is registered in each thread by itself.
import { register } from 'tsx/esm/api';

register();
await import('./pump.thread.ts');
