/** The seed of this run, from `TESSERA_FAULT_SEED` or the clock; printed, so that a failure can be run again. */
export const SEED = Number(process.env['TESSERA_FAULT_SEED'] ?? Date.now() % 1_000_000);

/** How often each process is killed. */
export const ROUNDS = Number(process.env['TESSERA_FAULT_ROUNDS'] ?? 3);

console.log(`fault seed ${SEED} (TESSERA_FAULT_SEED), ${ROUNDS} rounds (TESSERA_FAULT_ROUNDS)`);
