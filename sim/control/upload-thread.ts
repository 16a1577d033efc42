/** A thread that checks one upload, so that a large one holds nothing up. */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError, RefusedRequestError, type Problem } from '../../src/errors.js';
import { checkUpload, type ProfileFacts, type Upload } from './upload-check.js';

/** The outcome of a check, as plain data. */
export type UploadReply =
  | { readonly facts: ProfileFacts | undefined }
  | { readonly problems: readonly Problem[] }
  | { readonly refused: string; readonly status: RefusedRequestError['status'] };

function reply(): UploadReply {
  try {
    return { facts: checkUpload(workerData as Upload) };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    if (!(error instanceof RefusedRequestError)) throw error;
    return { refused: error.message, status: error.status };
  }
}

parentPort!.postMessage(reply());
