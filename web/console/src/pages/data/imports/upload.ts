import { Problem, type Schema } from "../../../api/client";
import { csrfToken } from "../../../session/session";

export type Upload = Schema["Upload"];

/**
 * Hand a file in. `fetch` tells nothing of how far a body has gone, so this asks the older way.
 *
 * @param file What was chosen or dropped.
 * @param told Is given the share that is handed in, from 0 to 1.
 */
export function handIn(file: File, told: (share: number) => void): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/uploads?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    const token = csrfToken();
    if (token) request.setRequestHeader("X-CSRF-Token", token);
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    request.onload = () =>
      request.status === 201
        ? resolve(request.response)
        : reject(new Problem(request.status, request.response ?? {}));
    request.onerror = () => reject(new Error());
    request.send(file);
  });
}
