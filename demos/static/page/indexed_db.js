// @ts-check
// IndexedDB's requests and transactions as promises.

/** What a request gives. @template Value @param {IDBRequest<Value>} request @returns {Promise<Value>} */
export const requestResult = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

/** Until all of a transaction is written; rejects with what failed, such as QuotaExceededError.
 * @param {IDBTransaction} transaction @returns {Promise<void>} */
export const transactionEnd = (transaction) =>
  new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onerror = ({ target }) => fail(target instanceof IDBRequest ? target.error : transaction.error);
    transaction.onabort = () => fail(transaction.error);
  });
