startTheme();
startTable();
startCurves();
startTradeoff();
startSizes();
startSettings();
startPictures();
