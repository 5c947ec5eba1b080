import { readdirSync } from 'node:fs';

export interface GpuSlots {
  /** How many GPUs there are. */
  count: number;
  /** Variables with which a trainer sees one GPU only, the one with the fewest trainers; none without GPUs. */
  take(): { env: { CUDA_VISIBLE_DEVICES?: string }; release(): void };
}

/** TensorFlow takes memory on every GPU that it can see, so each trainer is shown one. */
export function createGpuSlots(
  visible: string | undefined,
  devices: () => string[] = nvidiaDevices,
): GpuSlots {
  const gpus = (visible === undefined ? devices() : visible.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== '-1');
  const trainers = gpus.map(() => 0);
  return {
    count: gpus.length,
    take() {
      if (gpus.length === 0) return { env: {}, release() {} };
      const slot = trainers.indexOf(Math.min(...trainers));
      trainers[slot]!++;
      return {
        env: { CUDA_VISIBLE_DEVICES: gpus[slot]! },
        release: () => void trainers[slot]!--,
      };
    },
  };
}

/** Indices of the devices that the NVIDIA driver has made. */
function nvidiaDevices(): string[] {
  try {
    return readdirSync('/dev').flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}
