// Which software adapter is taken where there are several: each is timed once, the fastest is taken, and what was
// found is kept for as long as driver and processor are the same. What `doctor` says and installs on which system.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { adapterLines, hasLavapipe, printAdapters } from '../../src/cli/engine/adapterList.node';
import { installMesa, mesaAdvice, mesaPlan } from '../../src/cli/engine/mesa.node';
import { attempts } from '../../src/gpu/device/attempts.node';
import { bySpeed, type Timing } from '../../src/gpu/device/bySpeed.node';
import type { ListedAdapter } from '../../src/gpu/device/node';
import type { Shown } from '../../src/gpu/device/timeProduct.node';
import { softwareDrivers, type SoftwareDriver } from '../../src/gpu/device/vulkan.node';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seqgpu-adapters-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

const icdFile = (path: string, library: string) =>
  write(path, JSON.stringify({ ICD: { library_path: library, api_version: '1.3.0' } }));

describe('bySpeed', () => {
  const SPEEDS: Readonly<Record<string, number | null | undefined>> = { swift: 10, lvp: 20, old: null };
  let asked: string[];
  beforeEach(() => {
    asked = [];
  });

  const drivers = (...names: string[]): SoftwareDriver[] =>
    names.map((name) => {
      const icd = join(folder, `${name}.json`);
      if (!existsSync(icd)) icdFile(`${name}.json`, `./${name}.so`);
      if (!existsSync(join(folder, `${name}.so`))) write(`${name}.so`, name);
      return { icd, kind: name === 'swift' ? 'SwiftShader' : 'lavapipe' };
    });
  const nameOf = (icd: string) => icd.slice(folder.length + 1, -5);
  async function order(names: string[], timing: Timing = {}) {
    const time = async (icd: string): Promise<Shown | undefined> => {
      asked.push(nameOf(icd));
      const gflops = SPEEDS[nameOf(icd)];
      return typeof gflops === 'number' ? { name: nameOf(icd), gflops } : gflops;
    };
    const found = await bySpeed(drivers(...names), { time, file: join(folder, 'cache/a.json'), ...timing });
    return found.map(({ icd, shown }) => `${nameOf(icd)} ${shown === null ? 'no' : shown?.gflops}`);
  }

  test('takes the fastest, and times each once', async () => {
    expect(await order(['swift', 'lvp'])).toEqual(['lvp 20', 'swift 10']);
    expect(asked.splice(0).sort()).toEqual(['lvp', 'swift']);
    expect(await order(['swift', 'lvp'])).toEqual(['lvp 20', 'swift 10']);
    expect(asked).toEqual([]);
  });

  test('times nothing where there is one, nor the first where no other works', async () => {
    expect(await order(['swift'])).toEqual(['swift undefined']);
    expect(asked).toEqual([]);
    expect(await order(['swift', 'old'])).toEqual(['swift undefined', 'old no']);
    expect(asked.splice(0)).toEqual(['old']);
    expect(await order(['swift', 'old'])).toEqual(['swift undefined', 'old no']);
    expect(asked).toEqual([]);
    expect(await order(['swift'], { when: 'all' })).toEqual(['swift 10']);
  });

  test('times a driver again when its library or the processor is another, or when it is told to', async () => {
    await order(['swift', 'lvp']);
    asked = [];
    write('lvp.so', 'a newer one');
    await order(['swift', 'lvp']);
    expect(asked.splice(0)).toEqual(['lvp']);
    const cache = join(folder, 'cache/a.json');
    writeFileSync(cache, readFileSync(cache, 'utf8').replaceAll(/\d+ × [^"]*/g, '128 × Another'));
    await order(['swift', 'lvp']);
    expect(asked.splice(0)).toHaveLength(2);
    await order(['swift', 'lvp'], { when: 'anew' });
    expect(asked.splice(0)).toHaveLength(2);
    expect(await order(['swift', 'lvp'], { when: 'never' })).toEqual(['lvp 20', 'swift 10']);
    expect(asked).toEqual([]);
  });

  test('does not keep that one took too long, and goes without a cache that is damaged or no file', async () => {
    expect(await order(['slow', 'lvp'])).toEqual(['lvp 20', 'slow undefined']);
    asked = [];
    await order(['slow', 'lvp']);
    expect(asked.splice(0)).toEqual(['slow']);
    for (const damaged of ['{', 'null', '[1]', '{"x": null}', '{"x": {"shown": {"gflops": "9"}}}']) {
      write('cache/a.json', damaged);
      expect(await order(['swift', 'lvp'])).toEqual(['lvp 20', 'swift 10']);
    }
    write('a file', '');
    const file = join(folder, 'a file/a.json');
    expect(await order(['swift', 'lvp'], { file })).toEqual(['lvp 20', 'swift 10']);
  });
});

describe.skipIf(process.platform !== 'linux')('the drivers of a machine', () => {
  beforeEach(() => {
    vi.stubEnv('HOME', join(folder, 'home'));
    for (const name of ['DATA_HOME', 'CONFIG_HOME']) vi.stubEnv(`XDG_${name}`, undefined);
    vi.stubEnv('XDG_DATA_DIRS', `${folder}/one:${folder}/two`);
    vi.stubEnv('XDG_CONFIG_DIRS', join(folder, 'etc'));
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'SEQGPU_ICD']) vi.stubEnv(name, undefined);
  });
  const ours = () =>
    softwareDrivers().flatMap(({ icd, kind }) =>
      icd.startsWith(folder) ? [`${icd.slice(folder.length)} ${kind}`] : [],
    );

  test("are found where the Vulkan loader finds them: lavapipe's, of this architecture", () => {
    icdFile('home/.local/share/vulkan/icd.d/mine.json', '/opt/libvulkan_lvp.so');
    icdFile('one/vulkan/icd.d/lvp_icd.json', 'libvulkan_lvp.so');
    icdFile('two/vulkan/icd.d/radeon_icd.json', 'libvulkan_radeon.so');
    icdFile('two/vulkan/icd.d/lvp_icd.s390x.json', 'libvulkan_lvp.so');
    write('two/vulkan/icd.d/lvp_damaged.json', '{');
    icdFile('etc/vulkan/icd.d/swift.json', './libvk_swiftshader.so');
    expect(ours()).toEqual([
      '/etc/vulkan/icd.d/swift.json SwiftShader',
      '/home/.local/share/vulkan/icd.d/mine.json lavapipe',
      '/one/vulkan/icd.d/lvp_icd.json lavapipe',
      '/two/vulkan/icd.d/lvp_damaged.json lavapipe',
    ]);
  });

  test('one SwiftShader stands for those of all Chromes', () => {
    for (const version of ['linux-1.0', 'linux-2.0'])
      icdFile(`cache/chrome/${version}/chrome-linux64/vk_swiftshader_icd.json`, './libvk_swiftshader.so');
    vi.stubEnv('PUPPETEER_CACHE_DIR', join(folder, 'cache'));
    expect(softwareDrivers().filter(({ kind }) => kind === 'SwiftShader')).toHaveLength(1);
  });

  test('are not asked where the environment chooses one', async () => {
    icdFile('one/vulkan/icd.d/lvp_icd.json', 'libvulkan_lvp.so');
    vi.stubEnv('VK_ICD_FILENAMES', '/mine/lvp.json');
    const time = vi.fn<() => Promise<Shown>>();
    const names: string[] = [];
    for await (const { name, software } of attempts([], { when: 'all', time }))
      names.push(`${name} ${software}`);
    // Without a Vulkan loader nothing is tried.
    expect([[], ['VK_ICD_FILENAMES=/mine/lvp.json true']]).toContainEqual(names);
    expect(time).not.toHaveBeenCalled();
  });
});

describe('the list of adapters', () => {
  const llvmpipe: ListedAdapter = {
    name: 'mesa — llvmpipe',
    driver: '/lvp.json',
    software: true,
    gflops: 21.4,
  };
  const swift: ListedAdapter = {
    name: 'google — SwiftShader',
    driver: '/vk.json',
    software: true,
    gflops: 8,
  };
  const broken: ListedAdapter = { name: null, driver: '/old.json', software: true };
  const card: ListedAdapter = { name: 'RTX', driver: "the system's Vulkan drivers", software: false };

  test('says which is taken, and why', () => {
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'SEQGPU_ICD', 'SEQGPU_ADAPTER'])
      vi.stubEnv(name, undefined);
    expect(adapterLines([llvmpipe, swift, broken], '/lvp.json')).toEqual([
      'mesa — llvmpipe: taken: the fastest of the software adapters, 21 GFLOP/s in a product (measured), /lvp.json',
      'google — SwiftShader: 8 GFLOP/s in a product (measured), /vk.json',
      '/old.json: does not work with WebGPU',
    ]);
    expect(adapterLines([swift, broken], '/vk.json')[0]).toContain('taken: the only one');
    expect(adapterLines([card, swift], card.driver)[0]).toContain('taken: a GPU goes before software');
    expect(adapterLines([card, { ...card, name: 'other' }], card.driver)[1]).not.toContain('taken');
    vi.stubEnv('SEQGPU_ADAPTER', 'SWIFT');
    expect(adapterLines([llvmpipe, swift], '/vk.json')[1]).toContain('taken: its name has "SWIFT"');
    vi.stubEnv('SEQGPU_ADAPTER', undefined);
    vi.stubEnv('VK_ICD_FILENAMES', '/vk.json');
    expect(adapterLines([swift, card], '/vk.json')[0]).toContain('taken: VK_ICD_FILENAMES=/vk.json');
  });

  test('knows a lavapipe that works', () => {
    expect([[llvmpipe], [swift], [swift, broken], []].map(hasLavapipe)).toEqual([true, false, false, false]);
  });

  test('is what --adapter list asks for, of every command that opens an engine', () => {
    const words = [
      'train',
      'generate',
      'translate',
      'eval',
      'study',
      'search',
      'demo',
      'bench',
      'doctor',
      'worker',
    ];
    for (const word of words) {
      expect(readCommand([word, '--adapter', 'list'])).toBe(printAdapters);
      expect(readCommand([word, '--adapter=list'])).toBe(printAdapters);
    }
    expect(() => readCommand(['data', '--adapter', 'list'])).toThrow('data: there is no option --adapter');
  });
});

describe('lavapipe on Debian and Ubuntu', () => {
  const BOOKWORM =
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
  const on = (release: string, sources?: Readonly<Record<string, string>>) => {
    rmSync(join(folder, 'etc'), { recursive: true, force: true });
    write('etc/os-release', release);
    for (const [name, text] of Object.entries(sources ?? {})) write(join('etc/apt', name), text);
    return mesaPlan(folder);
  };

  test('is of the release where that has Mesa 24, of the backports of bookworm, and nowhere else', () => {
    for (const [id, version, from] of [
      ['debian', '13', 'release'],
      ['debian', '', 'release'],
      ['debian', '12', 'backports'],
      ['debian', '11', 'nowhere'],
      ['ubuntu', '24.04', 'release'],
      ['ubuntu', '25.10', 'release'],
      ['ubuntu', '22.04', 'nowhere'],
    ])
      expect([id, version, on(`ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=x\n`)?.from]).toEqual([
        id,
        version,
        from,
      ]);
    expect(on('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n')?.from).toBe('release');
    expect(on('ID=fedora\nVERSION_ID=41\n')).toBeNull();
    expect(mesaPlan(join(folder, 'nothing'))).toBeNull();
  });

  test('comes from the mirror that the system has, in two lines', () => {
    expect(mesaAdvice(on(BOOKWORM)).slice(1)).toEqual([
      `  sudo sh -c "echo 'deb http://deb.debian.org/debian bookworm-backports main' > /etc/apt/sources.list.d/bookworm-backports.list"`,
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers',
    ]);
    const one = {
      'sources.list':
        '# deb http://no/debian x\ndeb [arch=amd64] https://mine.example/debian bookworm main\n',
    };
    expect(mesaAdvice(on(BOOKWORM, one))[1]).toContain(
      "'deb https://mine.example/debian bookworm-backports main'",
    );
    const two = {
      'sources.list.d/a.list': 'deb http://security.example/debian-security bookworm-security main\n',
      'sources.list.d/debian.sources': 'Types: deb\nURIs: http://theirs.example/debian\nSuites: bookworm\n',
    };
    expect(mesaAdvice(on(BOOKWORM, two))[1]).toContain(
      "'deb http://theirs.example/debian bookworm-backports main'",
    );
  });

  describe.skipIf(process.platform === 'win32')('is installed', () => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').filter(Boolean);
    beforeEach(() => {
      lines.length = 0;
      write('calls', '');
      for (const name of ['apt-get', 'sudo', 'env', 'sh'])
        chmodSync(write(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\nexit 0\n`), 0o755);
      vi.stubEnv('PATH', join(folder, 'bin'));
    });

    test('by root as it is, from the backports of bookworm', async () => {
      vi.spyOn(process, 'getuid').mockReturnValue(0);
      expect(await installMesa(on(BOOKWORM), { log })).toBe(true);
      expect(calls()).toEqual([
        `sh -c echo 'deb http://deb.debian.org/debian bookworm-backports main' > /etc/apt/sources.list.d/bookworm-backports.list`,
        'env DEBIAN_FRONTEND=noninteractive apt-get update',
        'env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers',
      ]);
    });

    test('by sudo only with its flag; otherwise the commands are said', async () => {
      vi.spyOn(process, 'getuid').mockReturnValue(1000);
      const plan = on('ID=ubuntu\nVERSION_ID="24.04"\n');
      expect(await installMesa(plan, { log })).toBe(false);
      expect(calls()).toEqual([]);
      expect(lines.at(-1)).toMatch(/^ +sudo apt-get update && sudo apt-get install .* mesa-vulkan-drivers$/);
      expect(await installMesa(plan, { log, sudo: true })).toBe(true);
      expect(calls()).toEqual([
        'sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update',
        'sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mesa-vulkan-drivers',
      ]);
    });

    test('not where the release has none, nor without apt-get', async () => {
      vi.spyOn(process, 'getuid').mockReturnValue(0);
      const old = 'PRETTY_NAME="Ubuntu 22.04"\nID=ubuntu\nVERSION_ID="22.04"\n';
      expect(await installMesa(on(old), { log })).toBe(false);
      expect(lines.join()).toContain('Ubuntu 22.04 has no Mesa 24');
      rmSync(join(folder, 'bin/apt-get'));
      expect(await installMesa(on(BOOKWORM), { log })).toBe(false);
      expect(await installMesa(null, { log })).toBe(false);
      expect(calls()).toEqual([]);
    });
  });
});
