startTheme();
startTable();
startCurves();
startTradeoff();
startSizes();
startSettings();
startPictures();
window.addEventListener("scroll", hideCard, { passive: true });
