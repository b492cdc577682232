// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/form_parts.h"

#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QStyle>

namespace weir::gui {

QLabel *hintLabel()
{
    auto *label = new QLabel;
    label->setWordWrap(true);
    label->setProperty("hint", true);
    return label;
}

void setHint(QLabel *label, const QString &text, Tone tone)
{
    label->setText(text);
    const bool error = tone == Tone::Error;
    const bool warning = tone == Tone::Warning;
    if (label->property("error").toBool() == error && label->property("warning").toBool() == warning)
        return;
    label->setProperty("error", error);
    label->setProperty("warning", warning);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

QWidget *withHint(QWidget *field, QLabel *hint)
{
    auto *both = new QWidget;
    auto *layout = new QVBoxLayout(both);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(field);
    layout->addWidget(hint);
    return both;
}

QWidget *formWidget(QFormLayout *&form)
{
    auto *widget = new QWidget;
    form = new QFormLayout(widget);
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(12);
    form->setHorizontalSpacing(16);
    form->setLabelAlignment(Qt::AlignLeft);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return widget;
}

QWidget *fieldsWidget(QGridLayout *&fields)
{
    auto *widget = new QWidget;
    fields = new QGridLayout(widget);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setVerticalSpacing(12);
    fields->setHorizontalSpacing(16);
    fields->setColumnStretch(1, 1);
    return widget;
}

QLabel *addField(QGridLayout *fields, const QString &text, QWidget *field, QWidget *firstLine)
{
    auto *label = new QLabel(text);
    firstLine->ensurePolished();
    label->setMinimumHeight(firstLine->sizeHint().height());
    label->setBuddy(firstLine);
    const int row = fields->rowCount();
    fields->addWidget(label, row, 0, Qt::AlignTop);
    fields->addWidget(field, row, 1);
    return label;
}

void alignLabels(std::initializer_list<QFormLayout *> forms)
{
    QList<QWidget *> labels;
    int widest = 0;
    for (QFormLayout *form : forms)
        for (int row = 0; row < form->rowCount(); ++row)
            if (const QLayoutItem *item = form->itemAt(row, QFormLayout::LabelRole))
                labels.append(item->widget());
    for (const QWidget *label : std::as_const(labels))
        widest = std::max(widest, label->sizeHint().width());
    for (QWidget *label : std::as_const(labels))
        label->setMinimumWidth(widest);
}

} // namespace weir::gui
