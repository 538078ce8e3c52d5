#!/usr/bin/env node
// Plain JavaScript, so that it can say what is missing before anything else is loaded.
const MIN = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < MIN[0] || (major === MIN[0] && minor < MIN[1])) {
  console.error(`Tessera needs Node ${MIN.join('.')} or newer; this is ${process.versions.node}.`);
  console.error('Install a current Node (https://nodejs.org) and try again.');
  process.exit(1);
}

try {
  const { register } = await import('tsx/esm/api');
  register();
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('Tessera is not installed yet: its packages are missing.');
  console.error('Run npm ci in its folder and try again.');
  process.exit(1);
}

const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
