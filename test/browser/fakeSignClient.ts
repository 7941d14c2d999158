/** In place of `@walletconnect/sign-client`: pairs after a moment, and signs with an unlocked account through the frame's page. */
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

export const SignClient = {
  init: (options: { projectId: string }) =>
    Promise.resolve({
      on: () => undefined,
      connect: () =>
        Promise.resolve({
          uri: `wc:7f6e504bfad60b485450578e05678ed3e8e8c4751d3c6160be17160d63ec90f9@2?project=${options.projectId}`,
          approval: () =>
            new Promise((resolve) => {
              // The test agrees on "the phone".
              const button = document.createElement('button')
              button.textContent = 'Agree on the phone'
              button.addEventListener('click', () =>
                resolve({ topic: 'topic', namespaces: { eip155: { accounts: [`eip155:31337:${ALICE}`] } } }),
              )
              document.body.append(button)
            }),
        }),
      request: () => Promise.reject(Object.assign(new TypeError('Rejected on the phone.'), { code: 5000 })),
    }),
}
