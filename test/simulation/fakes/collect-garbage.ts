// A simulated process's heap is that of all simulations: nothing is collected after a load.
export const collectGarbageOfLoad = (): boolean => false;
export const limitGarbage = (): void => undefined;
