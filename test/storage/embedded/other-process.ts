// Run by the test beside it in a process of its own: writes what it is told over IPC and says when that is durable.
import { openEmbedded } from '../../../storage/embedded/open.ts';

const storage = await openEmbedded({ kind: 'embedded', dir: process.argv[2] ?? '' });

process.on('message', (message: { readonly sk: string; readonly times: number }) => {
  const write = async (): Promise<void> => {
    for (let i = 0; i < message.times; i += 1) {
      const sk = message.times === 1 ? message.sk : `${message.sk}${i}`;
      await storage.log.write([{ kind: 'put', pk: 'p', sk, version: 1, value: Buffer.from('x') }]);
      if (message.times > 1) process.send?.({ acknowledged: sk });
    }
    process.send?.({ done: message.sk });
  };
  write().catch((error: unknown) => process.send?.({ error: String(error) }));
});
process.send?.({ ready: true });
