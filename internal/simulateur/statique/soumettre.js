// Submits the form of a page that only leads on; its button stays for browsers without scripts.
document.querySelector('form[data-soumettre]')?.submit();
